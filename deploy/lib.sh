# shellcheck shell=bash
# What the scripts here share: packages, processes, and a private RabbitMQ node. Sourced, never run.

set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# Where the system started by up keeps everything.
# shellcheck disable=SC2034
state=$(realpath -m "${PHOIHOP_STATE:-$project/.phoihop}")

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
fail() {
    warn "${0##*/}: $*"
    exit 1
}

# --- leaving nothing behind ---------------------------------------------------------------------

# Commands to run when the script ends, the last one first, however it ends.
undo=()
on_exit() { undo+=("$*"); }
forget_undo() { undo=(); }

take_back() {
    local status=$? i
    # A second Ctrl-C must not cut the cleaning short.
    trap '' INT TERM HUP
    trap - EXIT
    set +e
    [[ -z ${running:-} ]] || end_session "$running"
    for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
        eval "${undo[i]}"
    done
    exit "$status"
}
listen_to_signals() {
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}
trap take_back EXIT
listen_to_signals

# --- processes ----------------------------------------------------------------------------------

# Fields of /proc/PID/stat counted from the state, which follows the last parenthesis: the program's name may hold anything.
stat_field() { # PID FIELD
    local line
    { line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    read -ra line <<<"${line##*)}"
    # A zombie holds its number only until its parent looks.
    [[ ${line[0]} != Z ]] || return 1
    printf '%s\n' "${line[$2]}"
}

# A process is named by number, start and boot: a number alone may have gone to another program since.
identity() { # PID
    local start
    start=$(stat_field "$1" 19) && printf '%s %s %s\n' "$1" "$start" "$(</proc/sys/kernel/random/boot_id)"
}

# Prints the number kept in a pid file if that very process still runs.
alive() { # PIDFILE
    local kept
    [[ -s $1 ]] && kept=$(<"$1") && [[ $(identity "${kept%% *}") == "$kept" ]] && printf '%s\n' "${kept%% *}"
}

# Starts a program in a session of its own, where no Ctrl-C meant for the script reaches it, and keeps its identity in PIDFILE.
spawn() { # PIDFILE LOG COMMAND…
    local pidfile=$1 log=$2 caught=
    shift 2
    # A signal between the start and the note would leave a process nobody knows of.
    trap 'caught=130' INT
    trap 'caught=143' TERM HUP
    # Bash has its background jobs ignore SIGINT, and they could not undo that themselves.
    setsid env --default-signal=INT,QUIT,TERM,HUP "$@" </dev/null >>"$log" 2>&1 9>&- &
    spawned=$!
    identity "$spawned" >"$pidfile" || true
    listen_to_signals
    [[ -z $caught ]] || exit "$caught"
}

# Put before a command for spawn: where the machine has more to do than it can, the coordinator goes before it. A queue can wait, a deadline does not.
# The kernel weighs sessions against each other where it groups by them, else processes. It takes ten such wishes a second, so a refused one is said again.
# shellcheck disable=SC2034,SC2016
gives_way=(nice -n 3 bash -c '
    if [[ -w /proc/self/autogroup ]]; then
        for try in 1 2 3 4 5; do (echo 3 >/proc/self/autogroup) 2>/dev/null && break || sleep 0.2; done
    fi
    exec "$@"' -)

# Ends the process of a pid file: asks, waits, and after SECONDS insists. Returns 1 if there was none.
end_process() { # PIDFILE SECONDS
    local pid tries
    if ! pid=$(alive "$1"); then
        rm -f "$1"
        return 1
    fi
    kill -TERM "$pid" 2>/dev/null || true
    for ((tries = $2 * 10; tries > 0; tries--)); do
        alive "$1" >/dev/null || break
        sleep 0.1
    done
    if alive "$1" >/dev/null; then
        warn "process $pid did not end within $2 s and is killed"
        kill -KILL "$pid" 2>/dev/null || true
        while alive "$1" >/dev/null; do sleep 0.1; done
    fi
    rm -f "$1"
}

# Runs a command to its end in a session of its own, so that an interrupted script can end the command and all its children.
# The log is an argument (empty: none), because a script that ends inside a redirection would also say its last words there.
run() { # LOG COMMAND…
    local status=0 log=$1
    shift
    if [[ -n $log ]]; then
        setsid env --default-signal=INT,QUIT,TERM,HUP "$@" </dev/null >"$log" 2>&1 9>&- &
    else
        setsid env --default-signal=INT,QUIT,TERM,HUP "$@" </dev/null 9>&- &
    fi
    running=$!
    wait "$running" || status=$?
    end_session "$running"
    running=
    return "$status"
}

session_members() { # SID
    local dir pid
    for dir in /proc/[0-9]*; do
        pid=${dir#/proc/}
        if [[ $(stat_field "$pid" 3) == "$1" ]]; then printf '%s\n' "$pid"; fi
    done
}

end_session() { # SID
    local signal tries members
    for signal in INT TERM KILL; do
        mapfile -t members < <(session_members "$1")
        ((${#members[@]})) || return 0
        kill "-$signal" "${members[@]}" 2>/dev/null || true
        for ((tries = 50; tries > 0; tries--)); do
            [[ -n $(session_members "$1") ]] || return 0
            sleep 0.2
        done
    done
}

# --- packages -----------------------------------------------------------------------------------

missing_packages() { # PACKAGE…
    local package
    for package; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
    done
}

# Installs what is missing of the Debian packages given, saying what for.
need() { # REASON PACKAGE…
    local reason=$1 packages as_root=()
    shift
    command -v dpkg-query >/dev/null || fail "this is no Debian; install by hand what is needed $reason: $*"
    mapfile -t packages < <(missing_packages "$@")
    ((${#packages[@]})) || return 0
    if ((EUID != 0)); then
        # Without a terminal sudo could ask nobody.
        if [[ -t 0 ]] && command -v sudo >/dev/null; then
            as_root=(sudo)
        elif sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            fail "missing $reason: ${packages[*]}. Run as root: apt-get install ${packages[*]}"
        fi
    fi
    say "installing $reason: ${packages[*]}"
    "${as_root[@]}" bash -c "$(declare -f install_quietly); install_quietly \"\$@\"" install "${packages[@]}" ||
        fail "could not install ${packages[*]}"
}

# Packages of servers start their service, now and at every boot; the project runs its own nodes and wants neither.
# A service that already runs, or was set up to, was installed before and stays as it is.
install_quietly() { # PACKAGE…
    set -euo pipefail
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    local policy=/usr/sbin/policy-rc.d log apt package unit
    log=$(mktemp)
    # Two of us at once would take each other's policy away.
    exec 8>/run/lock/phoihop-packages
    flock 8
    if [[ ! -e $policy ]]; then
        # shellcheck disable=SC2064
        trap "rm -f '$log' '$policy'" EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    else
        # shellcheck disable=SC2064
        trap "rm -f '$log'" EXIT
    fi
    apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    # Lists may be absent or may name versions the mirror no longer has: look afresh, once.
    if ! "${apt[@]}" install --no-install-recommends --no-upgrade "$@" >"$log" 2>&1 8>&-; then
        if ! { dpkg --configure -a && "${apt[@]}" update && "${apt[@]}" install --no-install-recommends --no-upgrade "$@"; } >"$log" 2>&1 8>&-; then
            tail -n 20 "$log" >&2
            return 1
        fi
    fi
    command -v systemctl >/dev/null || return 0
    for package; do
        case $package in
        rabbitmq-server) unit="rabbitmq-server epmd.socket epmd" ;;
        nut-server) unit="nut-server nut-driver.target" ;;
        *) continue ;;
        esac
        # shellcheck disable=SC2086
        systemctl disable $unit >/dev/null 2>&1 || true
    done
}

# --- the programs -------------------------------------------------------------------------------

# Everything is in place and nothing in the sources is newer.
built() { # DIR
    local name
    for name in phoihop "${served[@]/#/phoihop-}"; do
        [[ -x $1/$name ]] || return 1
    done
    [[ -z $(find "$project/Package.swift" "$project/Sources" "$project/schemas/regulation.json" "$project/schemas/messages" -newer "$1/phoihop" -type f -print -quit 2>/dev/null) ]]
}

# Sets bin, the directory with the programs.
find_programs() {
    if [[ -n ${PHOIHOP_BIN:-} ]]; then
        bin=$(realpath -m "$PHOIHOP_BIN")
        [[ -x $bin/phoihop ]] || fail "there is no phoihop in $bin (PHOIHOP_BIN)"
        return
    fi
    bin=$project/.build/release
    if built "$bin"; then return; fi
    command -v swift >/dev/null || fail "swift is not on PATH; it is needed to build the programs (or name built ones with PHOIHOP_BIN)"
    need "to build" librabbitmq-dev
    say "building the programs; the first time takes some minutes"
    run "$state/log/build.log" swift build --package-path "$project" -c release || {
        grep -m 10 'error:' "$state/log/build.log" >&2 || tail -n 10 "$state/log/build.log" >&2
        fail "the build failed; see $state/log/build.log"
    }
    bin=$(swift build --package-path "$project" -c release --show-bin-path)
}

# --- a private RabbitMQ node --------------------------------------------------------------------

broker_bin=/usr/lib/rabbitmq/bin

random_secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Keeps a random secret in FILE, made on the first call.
secret() { # FILE
    if [[ ! -s $1 ]]; then
        (umask 077 && random_secret >"$1.new")
        mv "$1.new" "$1"
    fi
    printf '%s\n' "$(<"$1")"
}

port_taken() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Below the range the kernel gives to outgoing connections, so that none of those takes it before it is used.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if ! port_taken "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
}

# Reads the ports and the name of the node in DIR into amqp_port, dist_port, epmd_port, node_name.
node_read() { # DIR
    [[ -s $1/ports ]] && read -r amqp_port dist_port epmd_port node_name <"$1/ports"
}

node_uri() { # DIR USER PASSWORD
    node_read "$1" && printf 'amqp://%s:%s@127.0.0.1:%s/\n' "$2" "$3" "$amqp_port"
}

node_running() { # DIR
    alive "$1/node.pid" >/dev/null
}

# Writes the node's configuration. On its first start the node makes the one user given, instead of a guest.
node_configure() { # DIR USER PASSWORD
    local dir=$1 name port tries
    # Nobody else may read what is in here: the cookie opens the node.
    mkdir -p "$dir"/{data,log,home}
    chmod 700 "$dir"
    # The name follows from the place, so two nodes never share one and data finds its node again.
    name=phoihop-$(printf '%s' "$dir" | sha256sum | cut -c1-12)@localhost
    if ! { node_read "$dir" && [[ $node_name == "$name" ]]; }; then
        amqp_port=
    fi
    # Ports are kept over restarts where nobody took them meanwhile: the agents that run know them. What was killed a moment ago may still hold them.
    for port in ${amqp_port:+"$amqp_port" "$dist_port" "$epmd_port"}; do
        for ((tries = 100; tries > 0; tries--)); do
            port_taken "$port" || continue 2
            sleep 0.1
        done
        warn "port $port of the broker is taken by another program; it gets other ports, and agents that run have to be started again"
        amqp_port=
        break
    done
    if [[ -z $amqp_port ]]; then
        printf '%s %s %s %s\n' "$(free_port)" "$(free_port)" "$(free_port)" "$name" >"$dir/ports"
        node_read "$dir"
    fi
    secret "$dir/home/.erlang.cookie" >/dev/null
    printf '[].\n' >"$dir/enabled_plugins"
    printf '[].\n' >"$dir/advanced.config"
    : >"$dir/rabbitmq-env.conf"
    cat >"$dir/rabbitmq.conf" <<END
listeners.tcp.default = 127.0.0.1:$amqp_port
default_user = $2
default_pass = $3
# A message is at most 256 KiB; files travel as references.
max_message_size = 262144
# Publishers wait below this, so that the ledger never meets a full disk.
disk_free_limit.absolute = 500MB
vm_memory_high_watermark.relative = 0.4
log.console = false
log.file.level = info
END
    # Nothing the machine's own broker is configured with, and nothing from the caller's environment, may reach this node.
    local variable
    node_environment=(-u NOTIFY_SOCKET -u ERL_LIBS -u ERL_FLAGS -u ERL_AFLAGS -u ERL_ZFLAGS)
    for variable in "${!RABBITMQ_@}"; do node_environment+=(-u "$variable"); done
    node_environment+=(
        HOME="$dir/home" LC_ALL=C.UTF-8
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1
        RABBITMQ_NODENAME="$node_name" RABBITMQ_DIST_PORT="$dist_port"
        RABBITMQ_CONF_ENV_FILE="$dir/rabbitmq-env.conf"
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config"
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins"
        RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_GENERATED_CONFIG_DIR="$dir/data/config"
        RABBITMQ_LOG_BASE="$dir/log" ERL_CRASH_DUMP="$dir/log/erl_crash.dump"
        RABBITMQ_CTL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
    )
    # One command that reaches this node, for people and for tests. Where no epmd answers, rabbitmqctl would leave one running.
    {
        printf '#!/bin/bash\n'
        printf '(exec 3<>/dev/tcp/127.0.0.1/%s) 2>/dev/null || { echo "no broker runs in" %q >&2; exit 69; }\nexec' "$epmd_port" "$dir"
        printf ' %q' env "${node_environment[@]}" "$broker_bin/rabbitmqctl"
        printf ' "$@"\n'
    } >"$dir/ctl"
    chmod 700 "$dir/ctl"
}

# Starts the node in DIR and waits until it serves every queue it has. The user is made on the very first start only.
node_start() { # DIR USER PASSWORD
    local dir tries queues
    dir=$(realpath -m "$1")
    if node_running "$dir"; then return 0; fi
    node_stop "$dir" || true
    node_configure "$dir" "$2" "$3"
    # An epmd of our own: the machine's, if it has one, belongs to its own broker.
    spawn "$dir/epmd.pid" "$dir/log/epmd.log" env -C "$dir" "${node_environment[@]}" epmd
    : >"$dir/log/boot.log"
    # Told that it has a supervisor, the wrapper becomes the broker instead of watching it: one process, one pid.
    spawn "$dir/node.pid" "$dir/log/boot.log" "${gives_way[@]}" env -C "$dir" "${node_environment[@]}" RUNNING_UNDER_SYSTEMD=true \
        RABBITMQ_SERVER_START_ARGS="+B i" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false" \
        "$broker_bin/rabbitmq-server"
    for ((tries = 900; tries > 0; tries--)); do
        # Streams and quorum queues elect their leaders after the node calls itself complete, and are refused until they have.
        if grep -q 'completed with' "$dir/log/boot.log" && queues=$(node_ctl "$dir" -q list_queues --no-table-headers state) &&
            ! grep -q down <<<"$queues"; then
            return 0
        fi
        node_running "$dir" || break
        sleep 0.1
    done
    grep -m 8 -F '[error]' "$dir/log/boot.log" >&2 || tail -n 15 "$dir/log/boot.log" >&2
    warn "the broker did not start; see $dir/log"
    node_stop "$dir" || true
    return 1
}

# Returns 1 if no node ran in DIR.
node_stop() { # DIR
    local dir status=0
    dir=$(realpath -m "$1")
    end_process "$dir/node.pid" 30 || status=1
    end_process "$dir/epmd.pid" 5 || true
    return "$status"
}

node_ctl() { # DIR ARGUMENT…
    local dir
    dir=$(realpath -m "$1")
    shift
    "$dir/ctl" "$@"
}

# --- the system in $state -----------------------------------------------------------------------

# Those served by a program of their own, which is named phoihop-<party>; the coordinator first.
# shellcheck disable=SC2034
served=(coordinator border-guard economic-zone police information-dept)

# One script at a time changes a state directory.
lock_state() {
    mkdir -p "$state"/{secrets,log,run,parties}
    chmod 700 "$state"/{secrets,log,run,parties}
    exec 9>"$state/lock"
    flock -w 10 9 || fail "another up or down is at work in $state"
}
