#!/bin/sh
# Install the real cameras, proxies and browsers that the tests run against: Debian packages and one npm package.
# Quick when everything is there. Where it may not install, it says what to install.
set -eu
cd "$(dirname "$0")/.."

axe_version=4.14.1

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $(grep -v '^#' tests/debian-packages.txt); do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
  done
  command -v npm >/dev/null 2>&1 || missing="$missing npm"
else
  echo "This is no Debian: the tests marked 'peers' and 'browser' need the programs named in tests/debian-packages.txt."
fi

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing the test peers:$missing"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # RUNLEVEL=1: installing a server does not start it as a service. One failed try may be the network's: try twice.
    install() {
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing
    }
    if ! install </dev/null >"$log" 2>&1 && ! install </dev/null >>"$log" 2>&1; then
      cat "$log"
      echo "The test peers could not be installed (see above)."
      exit 1
    fi
  else
    echo "Missing test peers; the tests that need them will say so. To install them: sudo apt-get install$missing"
  fi
fi

if ! grep -qs "\"version\": \"$axe_version\"" .peers/node_modules/axe-core/package.json; then
  if command -v npm >/dev/null 2>&1; then
    npm install --prefix .peers --silent --no-audit --no-fund --ignore-scripts "axe-core@$axe_version" </dev/null
  else
    echo "Missing: npm. The accessibility tests need axe-core $axe_version in .peers/."
  fi
fi
