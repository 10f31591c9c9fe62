#!/usr/bin/env bash
# Makes what trains << service.project >> on a cluster without containers: an environment of the locked packages, and its module for Lmod.
# Run it where packages can be fetched, in a checkout of the repository; jobs must see both folders:
#   << service.place >>/hpc/make_environment.sh /shared/omloop
#   module use /shared/omloop/modulefiles
#   module load << service.project >>
# omloop's jobs (--on slurm, --on lsf) load it too, by these lines of omloop.toml:
#   [compute]
#   setup = "module load << service.project >>"
# Each run makes a new environment beside the others, and jobs that run keep theirs. Load the cluster's module of
# Python << service.python >> first where there is one, and name it in module.lua.
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
place="$repository/<< service.place >>"

if [ $# != 1 ]; then
  echo "make_environment.sh: say where, in a folder that all nodes see, for example: $0 /shared/omloop" >&2
  exit 1
fi
if ! command -v python<< service.python >> >/dev/null; then
  echo "make_environment.sh: the packages are locked for Python << service.python >>, and there is no python<< service.python >>. Load its module, or lock them for the one that there is: omloop deploy hpc << service.project >> --update" >&2
  exit 1
fi

mkdir -p "$1"
prefix="$(cd "$1" && pwd)"
version="$(date -u +%Y%m%d-%H%M%S)"
environment="$prefix/<< service.project >>/$version"
trap 'rm -rf "$environment"' EXIT
python<< service.python >> -m venv "$environment"
%% if torch
# PyTorch comes from an index of its own: .../whl/cpu, or .../whl/cu126 and others for NVIDIA's GPUs.
"$environment/bin/pip" install -q --index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}" << torch >>
%% endif
"$environment/bin/pip" install -q --require-hashes -r "$place/locks/train.txt"
"$environment/bin/pip" install -q --no-deps << omloop >>
"$environment/bin/omloop" --version
mkdir -p "$prefix/modulefiles/<< service.project >>"
install -m 0644 "$place/hpc/module.lua" "$prefix/modulefiles/<< service.project >>/$version.lua"
trap - EXIT
echo "make_environment.sh: module use $prefix/modulefiles && module load << service.project >>"
