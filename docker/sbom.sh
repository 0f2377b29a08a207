#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the Debian packages of this system as SPDX 2.3.
#   sbom.sh <name of the image>
# SOURCE_DATE_EPOCH sets the time in it.
set -euo pipefail
name=$1
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
packages=$(dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\n' | LC_ALL=C sort)
digest=$(printf '%s' "$packages" | sha256sum | cut -c1-32)

printf '{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "%s",\n' "$name"
printf ' "documentNamespace": "https://spdx.org/spdxdocs/%s-%s",\n' "$name" "$digest"
printf ' "creationInfo": {"created": "%s", "creators": ["Tool: spyre-ci-sbom"]},\n "packages": [' "$created"
separator=
while IFS=$'\t' read -r package version architecture source; do
  printf '%s\n  {"name": "%s", "SPDXID": "SPDXRef-%s-%s", "versionInfo": "%s", "downloadLocation": "NOASSERTION",' \
    "$separator" "$package" "${package//[^A-Za-z0-9.-]/-plus-}" "$architecture" "$version"
  printf ' "filesAnalyzed": false, "sourceInfo": "Debian source package %s",' "$source"
  printf ' "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",'
  printf ' "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s"}]}' \
    "${package//+/%2B}" "$(printf '%s' "$version" | sed 's/+/%2B/g; s/:/%3A/g; s/~/%7E/g')" "$architecture"
  separator=,
done <<<"$packages"
printf '\n ],\n "relationships": []}\n'
