#!/usr/bin/env bash
# Packs the benchmarks for a bare GPU machine (Linux x64, a PyTorch with CUDA, no .NET): one archive of at most 50 MB, and the command to run there. It has run in part on an H100 (docs/performance.md).
#   benchmarks/gpu.sh [folder]     writes folder/mlps-gpu.tar.xz; by default, the folder is the current one
set -euo pipefail
output=$(realpath "${1:-.}")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Without a list of dependencies the program takes what lies beside it, so that what it does not need on a GPU can be left out: compilers and tracing of BenchmarkDotNet, pretrained weights.
dotnet publish Mlps.Benchmarks -c Release -r linux-x64 --self-contained -p:TorchBackend=none -p:GenerateDependencyFile=false -p:DebugType=none -o "$work/mlps-gpu/program" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cd "$work/mlps-gpu"
rm -rf program/{DnnImageModels,cs,de,es,fr,it,ja,ko,pl,pt-BR,ru,tr,zh-Hans,zh-Hant}
rm -f program/{Microsoft.CodeAnalysis*,*TraceEvent*,Dia2Lib.dll,OSExtensions.dll,Gee.External.Capstone.dll,*capstone*,Iced.dll,*.xml,*.pdb}
cp "$OLDPWD/peers/steps.py" .

cat > run.sh << 'RUN'
#!/usr/bin/env bash
# ./run.sh [cuda:0] [seconds]: everything on one GPU, in about five minutes; the table goes to results.txt, too.
cd "$(dirname "$0")"
device=${1:-cuda:0}
end=$((SECONDS + ${2:-300}))
export DOTNET_gcServer=0 DOTNET_EnableDiagnostics=0
export MLPS_LIBTORCH=${MLPS_LIBTORCH:-$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')}

# Runs a program within the time that is left; what did not fit is named.
measure() {
  local left=$((end - SECONDS))
  ((left > 5)) || { echo "left out, no time: $*"; return; }
  echo "== $* (after $SECONDS s)"
  timeout "$left" "$@" 2>&1 || echo "ended with $?: $*"
}
{
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  for precision in tensorfloat32 bfloat16 full; do
    measure program/Mlps.Benchmarks steps 20 published "$precision" 20 224 --device "$device"
    measure python3 steps.py --device "$device" --sizes published --precisions "$precision"
  done
  measure program/Mlps.Benchmarks interleaved inference published --device "$device"
  measure program/Mlps.Benchmarks tables published --device "$device"
  measure program/Mlps.Benchmarks interleaved pseudo published --device "$device"
  measure program/Mlps.Benchmarks interleaved training published --device "$device"
  measure program/Mlps.Benchmarks steps 20 small bfloat16 20 224 --device "$device"
  measure python3 steps.py --device "$device" --sizes small
  measure python3 steps.py --device "$device" --sizes published --precisions bfloat16 --search
} | tee results.txt
RUN
chmod +x run.sh program/Mlps.Benchmarks

archive=$output/mlps-gpu.tar.xz
tar -C "$work" -cf - mlps-gpu | xz -T0 -6 > "$archive"
size=$(stat -c %s "$archive")
echo "$archive: $((size / 1000000)) MB. On the GPU machine: tar -xJf mlps-gpu.tar.xz && mlps-gpu/run.sh cuda:0"
((size <= 50000000)) || { echo "More than 50 MB: leave out more of the program." >&2; exit 1; }
