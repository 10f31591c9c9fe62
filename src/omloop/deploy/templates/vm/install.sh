#!/usr/bin/env bash
# Installs << service.project >> on a host of Debian or Ubuntu, or brings it up to date. As root, in a checkout of the repository:
#   << service.place >>/vm/install.sh
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
new="$home/venv-$(date +%s)"
python<< service.python >> -m venv "$new"
%% if torch
"$new/bin/pip" install -q --index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}" << torch >>
%% endif
"$new/bin/pip" install -q --require-hashes -r "$place/locks/train.txt"
"$new/bin/pip" install -q --no-deps << omloop >>
old="$(readlink -f "$home/venv" || true)"
ln -sfn "$new" "$home/venv"
rm -rf "$home/projects"
install -d "$home/projects"
cp -r "$repository/<< service.folder >>" "$home/projects/<< service.project >>"

for unit in serve.service watch.service watch.timer; do
  install -m 0644 "$place/vm/$unit" "/etc/systemd/system/omloop-<< service.host >>-$unit"
done
systemctl daemon-reload
systemctl enable omloop-<< service.host >>-serve.service omloop-<< service.host >>-watch.timer
systemctl restart omloop-<< service.host >>-serve.service omloop-<< service.host >>-watch.timer
[ "$old" = "$home/venv" ] || rm -rf "$old"
echo "install.sh: << service.project >> is served at http://127.0.0.1:8080; its log: journalctl -u omloop-<< service.host >>-serve"
