# Installs what is missing of the Debian packages named as arguments: `. packages.sh; need g++ cmake`.
# Where there is no dpkg, or with COFFER_PACKAGES=off, it trusts that everything is there.

need() {
    [ "${COFFER_PACKAGES:-on}" != off ] && command -v dpkg-query >/dev/null || return 0

    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -ne 0 ]; then
        echo "Packages are missing. Please run: sudo ${install[*]}" >&2
        exit 1
    fi

    echo "Installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    # The first try fails where the package lists are missing or outdated.
    "${install[@]}" >/dev/null 2>&1 && return 0
    local log
    log=$(apt-get update 2>&1 && "${install[@]}" 2>&1) || {
        echo "$log" >&2
        echo "The packages could not be installed: ${install[*]}" >&2
        exit 1
    }
}

# Configures the preset named first, with the remaining arguments, quietly unless it fails.
configure() {
    local preset=$1 log
    shift
    command -v ccache >/dev/null && set -- -D CMAKE_CXX_COMPILER_LAUNCHER=ccache "$@"
    log=$(cmake --preset "$preset" "$@" 2>&1) || {
        echo "$log" >&2
        exit 1
    }
}

# Builds in the folder named first, with the remaining arguments, quietly unless it fails.
build() {
    local folder=$1 log
    shift
    log=$(cmake --build "$folder" --parallel "$(nproc)" "$@" 2>&1) || {
        echo "$log" >&2
        exit 1
    }
}
