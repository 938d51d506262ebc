"""Ten weeks at さざなみ製作所, the first team a visitor sees: one chapter for each vulnerability."""

from noroshi.sample.sazanami import finished, team, terminals, under_way, vpn

CHAPTERS = (
    *team.CHAPTERS,
    *finished.CHAPTERS,
    *terminals.CHAPTERS,
    *under_way.CHAPTERS,
    *vpn.CHAPTERS,
)

__all__ = ["CHAPTERS"]
