#!/usr/bin/env bash
# Install, or upgrade, from this folder alone: no network, no index. 只用本目录安装或升级，不联网。
#   ./install.sh [FOLDER]     default: /opt/nuanxin
# Each version has a folder of its own; FOLDER/current leads to the one in use. To go back, let it lead to the one before.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-/opt/nuanxin}
say() { printf '%s\n' "$*" >&2; }

cd "$here"
sha256sum --quiet --strict -c SHA256SUMS || { say "文件与校验和不符，未安装 The files differ from their checksums; nothing was installed"; exit 1; }
for python in "${PYTHON:-}" python3.11 /usr/bin/python3 python3; do
  [ -n "$python" ] && command -v "$python" >/dev/null && "$python" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && break
  python=
done
[ -n "$python" ] || { say "需要 Python 3.11（Debian 12：apt-get install python3） Python 3.11 is needed (Debian 12: apt-get install python3)"; exit 1; }

ours=$(ls wheels/nuanxin-*.whl)
mkdir -p "$to"
new=$(mktemp -d "$to/$(basename "$ours" | cut -d- -f1,2).XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
"$python" -m venv --without-pip "$new"
pip() { "$new/bin/python" "$(ls "$here"/wheels/pip-*.whl)/pip" --isolated -q --disable-pip-version-check "$@"; }
pip install --no-index --find-links wheels --no-cache-dir --require-hashes -r requirements.lock
pip install --no-index --no-cache-dir --no-deps "$ours"
"$new/bin/nuanxin" --version >&2
trap - EXIT
ln -s "$(basename "$new")" "$to/current.new"
mv -T "$to/current.new" "$to/current"
say "已安装到 $to/current/bin/nuanxin；下一步见 operations.md  Installed as $to/current/bin/nuanxin; operations.md goes on"
