#!/usr/bin/env bash
# Installs << service.project >> on a host of Debian or Ubuntu, or brings it up to date. As root, in a checkout of the repository:
#   << service.place >>/vm/install.sh
# The web page comes along where it is asked for, and is brought up to date from then on: install.sh --ui
# Settings and secrets lie in /etc/omloop/<< service.host >>.env, which only root and the service may read.
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
place="$repository/<< service.place >>"
home=<< home >>

if [ "$(id -u)" != 0 ]; then
  echo "install.sh: run this as root, for example: sudo $0" >&2
  exit 1
fi
if ! command -v python<< service.python >> >/dev/null; then
  echo "install.sh: the packages are locked for Python << service.python >>, and this host has no python<< service.python >>. Install it first, or lock them for the one that there is: omloop deploy docker << service.project >> --update" >&2
  exit 1
fi
if ! python<< service.python >> -c "import ensurepip" 2>/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python<< service.python >>-venv
fi

id omloop >/dev/null 2>&1 || useradd --system --home-dir /var/lib/omloop --shell /usr/sbin/nologin omloop
install -d -o omloop -g omloop -m 0750 "/var/lib/omloop/<< service.host >>"
install -d -m 0755 "$home" /etc/omloop
[ -e "/etc/omloop/<< service.host >>.env" ] || install -o root -g omloop -m 0640 /dev/null "/etc/omloop/<< service.host >>.env"

# The new environment is made beside the one that runs; a link says which one counts.
outdated=()
environment() {
  local new
  new="$home/$1-$(date +%s)"
  python<< service.python >> -m venv "$new"
%% if torch
  if [ "$2" = train ]; then
    "$new/bin/pip" install -q --index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}" << torch >>
  fi
%% endif
  "$new/bin/pip" install -q --require-hashes -r "$place/locks/$2.txt"
  "$new/bin/pip" install -q --no-deps << omloop >>
  if [ -e "$home/$1" ]; then outdated+=("$(readlink -f "$home/$1")"); fi
  ln -sfn "$new" "$home/$1"
}
units=(serve.service watch.service watch.timer)
started=(omloop-<< service.host >>-serve.service omloop-<< service.host >>-watch.timer)
environment venv train
if [ "${1:-}" = --ui ] || [ -e "$home/ui" ]; then
  environment ui ui
  units+=(ui.service)
  started+=(omloop-<< service.host >>-ui.service)
fi
rm -rf "$home/projects"
install -d "$home/projects"
cp -r "$repository/<< service.folder >>" "$home/projects/<< service.project >>"

for unit in "${units[@]}"; do
  install -m 0644 "$place/vm/$unit" "/etc/systemd/system/omloop-<< service.host >>-$unit"
done
systemctl daemon-reload
systemctl enable "${started[@]}"
systemctl restart "${started[@]}"
rm -rf "${outdated[@]}"
echo "install.sh: << service.project >> is served at http://127.0.0.1:8080; its log: journalctl -u omloop-<< service.host >>-serve"
