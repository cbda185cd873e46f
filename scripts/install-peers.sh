#!/bin/sh
# Install the real cameras, proxies and browsers that the tests run against: Debian packages and one npm package.
# Quick when everything is there; where it cannot install, it says what is missing and the tests that need it fail.
set -eu
cd "$(dirname "$0")/.."

axe_version=4.14.1

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $(grep -v '^#' tests/debian-packages.txt); do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
  done
else
  echo "This is no Debian: the tests marked 'peers' and 'browser' need the programs named in tests/debian-packages.txt."
fi

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing the test peers:$missing"
    log=$(mktemp)
    # DEBIAN_FRONTEND: no questions. A package is never started as a service by its installation here.
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
      cat "$log"
      rm -f "$log"
      echo "The test peers could not be installed (see above)."
      exit 1
    fi
    rm -f "$log"
  else
    echo "Missing test peers. Run: sudo apt-get install$missing"
  fi
fi

if [ "$(cat .peers/node_modules/axe-core/package.json 2>/dev/null | grep -c "\"version\": \"$axe_version\"")" = 0 ]; then
  if command -v npm >/dev/null 2>&1; then
    npm install --prefix .peers --silent --no-audit --no-fund --ignore-scripts "axe-core@$axe_version" </dev/null
  else
    echo "Missing: npm (the accessibility tests need axe-core $axe_version in .peers/)."
  fi
fi
