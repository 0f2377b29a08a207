#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds OpenReg, the out-of-tree backend in PyTorch's test tree: a device that needs no hardware. The PyTorch of
# Debian 13 (2.6.0) has it; scripts/prepare-pytorch.sh prepares its source. Prints the directory of the package
# pytorch_openreg, for PYTHONPATH. A second call costs no time: what is there is kept.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ "$(debian_codename)" != bookworm ] || die "Debian 12 has PyTorch 1.13, which has no OpenReg: run this on Debian 13"
pytorch=$("$here/prepare-pytorch.sh")
install_packages "${OPENREG_PACKAGES[@]}"
# An extension works with the PyTorch that it was built with.
# shellcheck disable=SC2016  # dpkg-query's own placeholder
version=$(dpkg-query -W -f '${Version}' python3-torch)
openreg=$(cache_dir)/openreg

if [ "$(cat "$openreg/version" 2>/dev/null)" = "$version" ]; then
  printf '%s\n' "$openreg"
  exit 0
fi

say "Building OpenReg in $openreg (half a minute)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
extension=test/cpp_extensions/open_registration_extension
git -C "$pytorch" archive "HEAD:$extension" | tar -x -C "$work"
# PyTorch's headers have a warning of the compiler of Debian 13, and the extension makes errors of warnings.
sed -i 's/"-Werror"/"-Werror", "-Wno-error=dangling-reference"/' "$work/setup.py"
(cd "$work" && MAX_JOBS=$(nproc) python3 setup.py -q build_ext --inplace) >"$work/build.log" 2>&1 ||
  { tail -n 20 "$work/build.log" >&2; die "OpenReg cannot be built"; }
# Importing it starts nothing; its device does.
PYTHONPATH=$work python3 -P -c 'import pytorch_openreg' || die "OpenReg was built and cannot be imported"
rm -rf "$work/build" "$openreg"
printf '%s\n' "$version" >"$work/version"
mkdir -p "$(dirname "$openreg")"
mv "$work" "$openreg"
printf '%s\n' "$openreg"
