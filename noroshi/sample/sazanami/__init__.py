"""Ten weeks at さざなみ製作所, the first team a visitor sees: one chapter for each vulnerability."""

from noroshi.sample.sazanami import finished, team, under_way

CHAPTERS = (*team.CHAPTERS, *finished.CHAPTERS, *under_way.CHAPTERS)

__all__ = ["CHAPTERS"]
