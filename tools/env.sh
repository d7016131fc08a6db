# For a shell that calls cmake by hand:  . tools/env.sh && cmake --preset wasm-release && cmake --build --preset wasm-release
# (npm's scripts do not need this.)
_isoloss_root=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)
eval "$(node "$_isoloss_root/tools/toolchain.mjs")"
unset _isoloss_root
