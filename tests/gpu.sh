#!/usr/bin/env bash
# Packs Mlps.Torch.Tests for a bare GPU machine (Linux x64, a PyTorch with CUDA, no .NET): one archive, and the command to run there.
#   tests/gpu.sh [folder]     writes folder/mlps-gpu-tests.tar.xz; by default, the folder is the current one
set -euo pipefail
output=$(realpath "${1:-.}")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack=$work/mlps-gpu-tests

dotnet publish Mlps.Torch.Tests -c Release -r linux-x64 --no-self-contained -p:TorchBackend=none -p:DebugType=none -o "$pack/tests" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# Pretrained weights and the scorer that they are compared with are too large to travel; the run leaves out the tests that need them, those that start programs of their own, and those of how libtorch is found in a build.
rm -rf "$pack"/tests/{DnnImageModels,CodeCoverage,macos,ubuntu,alpine,libonnxruntime.so,onnxruntime.*} "$pack"/tests/{cs,de,es,fr,it,ja,ko,pl,pt-BR,ru,tr,zh-Hans,zh-Hant}

cp ../Mlps.sln "$pack/"   # tests look for the repository by it

# What runs them: the host and runtime without debugger libraries, and the SDK's test runner.
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
runtime=$(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" { version = $2 } END { print version }')
mkdir -p "$pack/dotnet/shared/Microsoft.NETCore.App"
cp -r "$root/dotnet" "$root/host" "$pack/dotnet/"
cp -r "$root/shared/Microsoft.NETCore.App/$runtime" "$pack/dotnet/shared/Microsoft.NETCore.App/"
rm -f "$pack"/dotnet/shared/Microsoft.NETCore.App/*/{libmscordaccore.so,libmscordbi.so,libcoreclrtraceptprovider.so}
sdk=$root/sdk/$(dotnet --version)
mkdir "$pack/runner"
cp -r "$sdk"/vstest.console.{dll,dll.config,runtimeconfig.json,deps.json} "$sdk"/Microsoft.TestPlatform*.dll "$sdk"/Microsoft.VisualStudio.TestPlatform*.dll "$sdk"/{Newtonsoft.Json,Microsoft.Extensions.FileSystemGlobbing,Microsoft.Extensions.DependencyModel}.dll "$sdk/Extensions" "$pack/runner/"

cat > "$pack/run.sh" << 'RUN'
#!/usr/bin/env bash
# ./run.sh [cuda:0] [filter]: the tests with that device; at the end, how many passed.
cd "$(dirname "$0")"
export MLPS_TEST_DEVICE=${1:-cuda:0} DOTNET_ROOT=$PWD/dotnet DOTNET_EnableDiagnostics=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export MLPS_LIBTORCH=${MLPS_LIBTORCH:-$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')}
filter=${2:-FullyQualifiedName!~ResNet18F&FullyQualifiedName!~PretrainedWeights&FullyQualifiedName!~LoadProbe&FullyQualifiedName!~ForeignLibTorch&FullyQualifiedName!~NowhereToWrite&FullyQualifiedName!~ElfImage&FullyQualifiedName!~WeakVersionPatch&FullyQualifiedName!~TorchSharpLibrary&FullyQualifiedName!~LibTorchTests}
exec dotnet/dotnet runner/vstest.console.dll tests/Mlps.Torch.Tests.dll --TestCaseFilter:"$filter"
RUN
chmod +x "$pack/run.sh"

tar -C "$work" -cf - mlps-gpu-tests | xz -T0 -3 > "$output/mlps-gpu-tests.tar.xz"
echo "$output/mlps-gpu-tests.tar.xz: $(($(stat -c %s "$output/mlps-gpu-tests.tar.xz") / 1000000)) MB. On the GPU machine: tar -xJf mlps-gpu-tests.tar.xz && mlps-gpu-tests/run.sh cuda:0"
