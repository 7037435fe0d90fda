#!/usr/bin/env bash
# Copies OpenSeadragon's page script and licence from its npm package: update-openseadragon.sh VERSION. Without a change of version, git shows no difference.
set -euo pipefail
version=${1:?give a version, as in: update-openseadragon.sh 6.1.1}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && npm pack --silent "openseadragon@$version" > name && tar -xzf "$(cat name)")
cp "$folder/package/build/openseadragon/openseadragon.min.js" "$here/OpenSeadragon/openseadragon.min.js"
cp "$folder/package/LICENSE.txt" "$here/OpenSeadragon/LICENSE-OpenSeadragon.txt"
(cd "$here/OpenSeadragon" && sha256sum -- *)
