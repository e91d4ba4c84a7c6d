# For scripts here to source: packages of any suite of Debian, downloaded and installed nowhere.
#
# They come from where this machine gets its own packages, with an apt that has a state of its own.
# Its index is signed, whatever its age: a mirror may be some weeks behind.

# The repository of the first packages list that has this machine's suite.
# shellcheck source=/dev/null # the machine has it
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016 # apt replaces these
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    sed -n "s/^$codename //p" | sed -n 1p)
mirror=${mirror:-http://deb.debian.org/debian}

# tried COMMAND…: up to three times, since a mirror may be busy.
tried() {
    for attempt in 1 2 3; do
        if "$@"; then return 0; fi
        sleep $((attempt * 5))
    done
    return 1
}

# apt_of STATE ARCHITECTURE COMMAND…: a command of apt-get with its state in the directory STATE.
apt_of() {
    state=$1 architecture=$2
    shift 2
    apt-get "$@" -qq -o Dir::Etc::sourcelist="$state/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::State="$state" \
        -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives" \
        -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
        -o Acquire::Check-Valid-Until=false
}

# index STATE ARCHITECTURE SUITE: makes STATE anew, with what SUITE has for ARCHITECTURE.
index() {
    rm -rf "$1"
    mkdir -p "$1/lists/partial" "$1/archives/partial"
    : >"$1/status"
    signed=
    for keyring in /usr/share/keyrings/debian-archive-keyring.*; do
        if [ -e "$keyring" ]; then signed="[signed-by=$keyring] "; fi
    done
    echo "deb $signed$mirror $3 main" >"$1/sources.list"
    tried apt_of "$1" "$2" update
}

# unpack STATE ARCHITECTURE FOLDER PACKAGE…: unpacks the packages, as STATE has them, in FOLDER.
unpack() {
    state=$1 architecture=$2 folder=$3
    shift 3
    mkdir -p "$state/debs" "$folder"
    (cd "$state/debs" && tried apt_of "$state" "$architecture" download "$@") || return 1
    for package in "$state/debs"/*.deb; do dpkg-deb --extract "$package" "$folder" || return 1; done
    rm -rf "$state/debs"
}
