#!/bin/sh
# Install the real cameras, proxies, browsers and photos that the tests run against: Debian packages and npm packages.
# Quick when everything is there. Where it may not install, it says what to install.
set -eu
cd "$(dirname "$0")/.."

# axe-core checks accessibility, tus-js-client sends photos as a page does; the others are here for the photos in them,
# which real phones and cameras took.
npm_packages="axe-core@4.14.1 tus-js-client@4.3.1 exif@0.6.0 exif-js@2.3.0 jpeg-exif@1.1.4"

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

wanted=""
for package in $npm_packages; do
  grep -qs "\"version\": \"${package#*@}\"" ".peers/node_modules/${package%@*}/package.json" || wanted="$wanted $package"
done
if [ -n "$wanted" ]; then
  if command -v npm >/dev/null 2>&1; then
    npm install --prefix .peers --silent --no-audit --no-fund --ignore-scripts $npm_packages </dev/null
  else
    echo "Missing: npm. Tests of accessibility and of real photos need$wanted in .peers/."
  fi
fi
