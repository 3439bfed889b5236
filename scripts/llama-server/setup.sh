#!/usr/bin/env bash
# Makes llama.cpp's server and tools for tests that need a real OpenAI-compatible server.
#
#   setup.sh DIR     writes DIR/llama-server, llama-bench, llama-perplexity, llama-quantize and
#                    llama-tokenize (once; later calls return at once).
#
# Needs Debian 12 on x86-64 and root. The programs come from a newer suite of Debian, by the mirror this
# machine already uses, with their own C library; they are unpacked below DIR and nothing system-wide
# changes. 14 MB are downloaded, besides the suite's package index (10 MB, not kept); 51 MB stay.
set -euo pipefail
suites=(testing sid) # the first that has them whole
packages=(llama.cpp-tools llama.cpp-tools-extra)
tools=(llama-bench llama-perplexity llama-quantize llama-tokenize llama-server)

[ $# -eq 1 ] || { echo "usage: setup.sh DIR" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
last=$dir/${tools[-1]} # written last: if it is there, so is the rest
[ -x "$last" ] && exit 0
exec 9>"$dir/lock"
flock 9 # whoever waited here finds it done
[ -x "$last" ] && exit 0

fail() { echo "llama.cpp setup: $1" >&2; exit 1; }
[ "$(dpkg --print-architecture)" = amd64 ] || fail 'only x86-64 is supported'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail 'the package debian-archive-keyring is missing'

# Where this machine's own release comes from. apt knows only after an update.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $release" | head -n 1; }
uri=$(mirror)
[ -n "$uri" ] || { apt-get -qq update && uri=$(mirror); }
[ -n "$uri" ] || fail "apt has no source for Debian $release"

work=$(mktemp -d "$dir/setup.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,archives}/partial "$work/root"
# To apt this is a machine with nothing but these two, so that it brings every library and stops there.
for installed in debconf wget; do
	printf 'Package: %s\nStatus: install ok installed\nVersion: 9999\nArchitecture: amd64\nMulti-Arch: foreign\nMaintainer: none\nDescription: stand-in\n\n' "$installed"
done >"$work/status"
apt=(apt-get -qq -y -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists"
	-o "Dir::State::status=$work/status" -o "Dir::State::extended_states=$work/extended" -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives"
	-o "Dir::Etc::Preferences=$work/none" -o "Dir::Etc::PreferencesParts=$work/lists" -o Acquire::Languages=none -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=0
	-o APT::Install-Recommends=0 -o APT::Update::Post-Invoke-Success::= -o APT::Update::Post-Invoke::= -o DPkg::Post-Invoke::=)
for suite in "${suites[@]}"; do
	echo "deb [signed-by=$keyring] $uri $suite main" >"$work/sources.list"
	"${apt[@]}" update && "${apt[@]}" --download-only install "${packages[@]}" && found=$suite && break
done
[ -n "${found:-}" ] || fail "none of ${suites[*]} has ${packages[*]} for this machine"
for deb in "$work"/archives/*.deb; do dpkg -x "$deb" "$work/root"; done

libs=usr/lib/x86_64-linux-gnu
# ggml looks for its back ends beside the running executable, which is the loader.
for backend in "$work/root/$libs"/ggml/*/libggml-*.so; do
	ln -s "${backend#"$work/root/$libs/"}" "$work/root/$libs/"
done
rm -rf "$work/root"/usr/share/{doc,man,lintian,bash-completion} "$work/root/$libs/gconv"
rm -rf "$dir/root"
mv "$work/root" "$dir/root"

for tool in "${tools[@]}"; do
	cat >"$work/launcher" <<-'LAUNCHER'
		#!/bin/sh
		root=$(dirname "$(readlink -f "$0")")/root
		libs=$root/usr/lib/x86_64-linux-gnu
		exec "$libs/ld-linux-x86-64.so.2" --library-path "$libs:$libs/llama" "$root/usr/bin/$(basename "$0")" "$@"
	LAUNCHER
	chmod +x "$work/launcher"
	mv "$work/launcher" "$dir/$tool"
done
"$last" --version
