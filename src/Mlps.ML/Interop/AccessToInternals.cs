using System.Runtime.CompilerServices;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace System.Runtime.CompilerServices
{
    /// <summary>Lets this assembly use the internal members of another one.</summary>
    /// <remarks>
    /// The runtime knows this attribute by name and leaves its declaration to the assembly that needs it. The compiler does not know it:
    /// for it, the build makes copies of the two assemblies in which the members in <c>build/InternalMembers.txt</c> are public.
    /// </remarks>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}
