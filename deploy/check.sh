#!/usr/bin/env bash
# Checks what can be checked of deploy/ without a container engine: the files parse, the systemd units verify, and the
# published program trains from an empty folder with an empty environment.
#   deploy/check.sh           the framework-dependent program
#   deploy/check.sh --full    a self-contained single file too (needs the runtime's package from NuGet)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "deploy: $*"; }
fail() { say "FAILED: $*" >&2; exit 1; }

sh -n "$here/start-coordinator" || fail "start-coordinator is no shell script"

if python3 -c 'import yaml' 2>/dev/null; then
    python3 - "$here" <<'PYTHON' || fail "a YAML file"
import pathlib, sys, yaml
here = pathlib.Path(sys.argv[1])
kinds = {}
for path in sorted([here / "compose.yaml", *here.glob("kubernetes/*.yaml")]):
    documents = [d for d in yaml.safe_load_all(path.read_text()) if d]
    if not documents:
        sys.exit(f"{path} is empty")
    kinds[path.name] = [d.get("kind") for d in documents]
    if path.parent.name == "kubernetes" and not all(d.get("apiVersion") and d.get("kind") for d in documents):
        sys.exit(f"{path}: a document without apiVersion or kind")
compose = yaml.safe_load((here / "compose.yaml").read_text())
if set(compose["services"]) != {"coordinator", "standby", "worker"}:
    sys.exit("compose.yaml: the services are not coordinator, standby and worker")
listed = yaml.safe_load((here / "kubernetes/kustomization.yaml").read_text())["resources"]
missing = [name for name in listed if name not in kinds]
if missing:
    sys.exit(f"kustomization.yaml names {missing}, which are not there")
PYTHON
    say "YAML files parse"
else
    say "skipped: YAML files (python3 with PyYAML is not here)"
fi

publish() { # folder, options…
    dotnet publish "$root/src/Cli" -c Release -o "$1" -v quiet "${@:2}" || fail "dotnet publish ${*:2}"
}

# Trains a few steps from an empty folder; prints the model's hash.
train() { # program
    local folder; folder=$(mktemp -d "$work/run.XXXX")
    cp "$root/examples/digits.yaml" "$folder/job.yaml"
    local output status=0
    output=$(cd "$folder" && env -i PATH=/usr/bin:/bin timeout 120 "$1" train job.yaml --workers 2 --steps 20 --set target.accuracy=0 2>&1) || status=$?
    [ "$status" -eq 0 ] || { printf '%s\n' "$output" >&2; fail "$1 train ended with $status"; }
    printf '%s\n' "$output" | sed -n 's/^model sha256 //p'
}

publish "$work/app"
hash=$(train "$work/app/lockstep")
[ ${#hash} -eq 64 ] || fail "the published program printed no hash"
say "the published program trains: $hash"

# What a supervisor starts: a run that SIGTERM ends in the middle (143, after a checkpoint), and the same command again.
supervised() { # folder of runs, yes to interrupt; prints the model's hash
    local port=$((20000 + RANDOM % 10000)) token=aaaaaaaabbbbbbbbccccccccdddddddd log=$work/supervised.log status=0
    env -i PATH=/usr/bin:/bin LOCKSTEP_PROGRAM="$work/app/lockstep" LOCKSTEP_RUNS="$1" LOCKSTEP_LISTEN="127.0.0.1:$port" \
        LOCKSTEP_JOB="$root/examples/digits.yaml" LOCKSTEP_TOKEN=$token timeout 120 "$here/start-coordinator" \
        --steps 600 --set checkpoint.everySteps=50 --set target.accuracy=0 > "$log" 2>&1 &
    local coordinator=$!
    env -i PATH=/usr/bin:/bin LOCKSTEP_TOKEN=$token timeout 120 "$work/app/lockstep" worker --join "127.0.0.1:$port" --threads 1 > "$work/worker.log" 2>&1 &
    local worker=$!
    if [ "$2" = yes ]; then
        until compgen -G "$1/*/checkpoints/step-*/state.json" > /dev/null; do
            kill -0 $coordinator 2> /dev/null || { cat "$log" >&2; fail "start-coordinator ended before its first checkpoint"; }
            sleep 0.02
        done
        kill -TERM $coordinator
    fi
    wait $coordinator || status=$?
    [ "$status" -eq "$([ "$2" = yes ] && echo 143 || echo 0)" ] || { cat "$log" "$work/worker.log" >&2; fail "start-coordinator ended with $status"; }
    status=0
    wait $worker || status=$?
    [ "$status" -eq 0 ] || { cat "$log" "$work/worker.log" >&2; fail "the worker ended with $status"; }
    sed -n 's/^model sha256 //p' "$log"
}

whole=$(supervised "$work/whole" no)
supervised "$work/parts" yes > /dev/null
parts=$(supervised "$work/parts" no)
grep -q '^resumed at step' "$work/supervised.log" || fail "start-coordinator did not go on from the checkpoint"
[ ${#whole} -eq 64 ] && [ "$whole" = "$parts" ] || fail "a run that was stopped ended with '$parts', one that was not with '$whole'"
say "start-coordinator goes on after SIGTERM to the same model: $whole"

if command -v systemd-analyze > /dev/null; then
    # The units name /opt/lockstep; the check wants the programs to be there.
    mkdir "$work/units"
    for unit in "$here"/systemd/*.service; do
        sed -e "s|/opt/lockstep/start-coordinator|$here/start-coordinator|; s|/opt/lockstep/|$work/app/|" "$unit" > "$work/units/$(basename "$unit")"
    done
    cp "$work/units/lockstep-worker@.service" "$work/units/lockstep-worker@1.service"
    messages=$(systemd-analyze verify --man=no "$work/units/lockstep-coordinator.service" "$work/units/lockstep-worker@1.service" 2>&1) || { printf '%s\n' "$messages" >&2; fail "the systemd units"; }
    if printf '%s\n' "$messages" | grep "$work/units" >&2; then
        fail "the systemd units"
    fi
    say "systemd units verify"
else
    say "skipped: systemd units (systemd-analyze is not here)"
fi

if [ "${1:-}" = --full ]; then
    publish "$work/single" --self-contained -p:PublishSingleFile=true -r "$(dotnet --info | sed -n 's/^ *RID: *//p')"
    mkdir "$work/alone" && cp "$work/single/lockstep" "$work/alone/"
    single=$(train "$work/alone/lockstep")
    [ "$single" = "$hash" ] || fail "the single file has another result: $single"
    say "one self-contained file trains to the same hash ($(du -m "$work/alone/lockstep" | cut -f1) MB)"
fi
say "passed"
