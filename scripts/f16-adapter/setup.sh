#!/usr/bin/env bash
# Makes a Chromium whose software WebGPU adapter has shader-f16, for tests on machines without a GPU.
#
#   setup.sh DIR     builds into DIR (once; later calls return at once) and writes DIR/chromium-f16,
#                    a launcher to name as the browser's executablePath.
#
# Needs Debian 12, root, gcc and the packages chromium and mesa-vulkan-drivers. The newer Mesa comes
# from the distribution's own backports suite and is unpacked privately. The packages themselves are installed only
# with MAY_INSTALL=1; else the command is said.
# Launch it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -x "$dir/chromium-f16" ] && exit 0
exec 9>"$dir/lock"
flock 9 # whoever waited here finds it done
[ -x "$dir/chromium-f16" ] && exit 0

for package in chromium mesa-vulkan-drivers gcc; do
	dpkg -s "$package" >/dev/null 2>&1 || missing="${missing:-} $package"
done
if [ -n "${missing:-}" ]; then
	[ -n "${MAY_INSTALL:-}" ] || { echo "it needs: apt-get install$missing" >&2; exit 1; }
	apt-get -qq update
	# shellcheck disable=SC2086
	apt-get -qq install -y --no-install-recommends $missing >/dev/null
fi

# The mirror this machine already uses, asked for one more suite, in a private package index.
uri=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | awk '$2 == "bookworm" { print $1; exit }')
[ -n "$uri" ] || { echo "f16 adapter: no Debian 12 package source on this machine" >&2; exit 1; }
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" "$dir/debs"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri bookworm-backports main" >"$dir/apt/sources.list"
apt=(-qq -o "Dir::Etc::SourceList=$dir/apt/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update
(cd "$dir/debs" && apt-get "${apt[@]}" download mesa-vulkan-drivers libdrm2 libdrm-amdgpu1)
for deb in "$dir"/debs/*.deb; do dpkg -x "$deb" "$dir/mesa"; done

libs=$dir/mesa/usr/lib/x86_64-linux-gnu
printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.4.305"}}\n' "$libs/libvulkan_lvp.so" >"$dir/lavapipe.json"

# Chromium finds its files beside its executable, so that one is a real copy and the rest are links.
rm -rf "$dir/browser"
mkdir -p "$dir/browser"
cp -as /usr/lib/chromium/. "$dir/browser/"
rm "$dir/browser/chromium" "$dir/browser/libvk_swiftshader.so"
cp /usr/lib/chromium/chromium "$dir/browser/chromium"
gcc -O2 -shared -fPIC -o "$dir/browser/libvk_swiftshader.so" "$here/shim.c" -ldl

cat >"$dir/chromium-f16.tmp" <<LAUNCHER
#!/bin/sh
export LD_LIBRARY_PATH="$libs" VK_ICD_FILENAMES="$dir/lavapipe.json" VK_DRIVER_FILES="$dir/lavapipe.json"
export LAVAPIPE_SO="$libs/libvulkan_lvp.so" F16_MAX_BINDING="\${F16_MAX_BINDING-1073741824}" XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/tmp}"
exec "$dir/browser/chromium" "\$@"
LAUNCHER
chmod +x "$dir/chromium-f16.tmp"
mv "$dir/chromium-f16.tmp" "$dir/chromium-f16"
