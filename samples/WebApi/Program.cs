// A web service that answers images with masks, without libtorch:
//   dotnet run -c Release --project samples/WebApi -- --Model "$PWD/tissue.onnx" --urls http://localhost:5000
// (web projects start in their own folder, so the path is a full one)
//   curl --data-binary @image.png http://localhost:5000/mask -o mask.png
using Mlps.Samples.WebApi;

await using var app = TissueApi.Create(args);
await app.RunAsync();
