# What the tests need of the machine: Chromium (the build without a window, which does half the work for
# the same pages), Japanese fonts, gettext, pdftotext, dpkg's and rpm's own version comparison. Installed
# from Debian's packages when we are root, named and refused otherwise.

need_programs() {
    wanted=""
    command -v chromium-headless-shell >/dev/null 2>&1 || wanted="$wanted chromium-headless-shell"
    command -v msgfmt >/dev/null 2>&1 || wanted="$wanted gettext"
    command -v pdftotext >/dev/null 2>&1 || wanted="$wanted poppler-utils"
    command -v rpm >/dev/null 2>&1 || wanted="$wanted rpm"
    command -v dpkg >/dev/null 2>&1 || wanted="$wanted dpkg"
    ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc >/dev/null 2>&1 || wanted="$wanted fonts-noto-cjk"
    # WeasyPrint draws with Pango
    ls /usr/lib/*/libpangoft2-1.0.so.0 >/dev/null 2>&1 || wanted="$wanted libpangoft2-1.0-0 libharfbuzz-subset0"
    [ -z "$wanted" ] && return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing$wanted ..."
        log=$(mktemp)
        # shellcheck disable=SC2086  # a list of package names
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted; } >"$log" 2>&1 ||
            { cat "$log" >&2; fail "Could not install:$wanted"; }
    else
        fail "The tests need these packages, and only root can install them:$wanted"
    fi
}
