// node --import ./scripts/keep-compiled.mjs jest: what V8 made of a module for one suite serves the next ones of the same worker.
// jest builds the two thousand modules of a hub anew for every suite; most of that time was reading the same sources again.
import vm from 'node:vm';

/** What V8 made of a source, by the name of its file. */
const modules = new Map();
const functions = new Map();

const { SourceTextModule, compileFunction } = vm;

vm.SourceTextModule = new Proxy(SourceTextModule, {
  construct(Module, [code, options = {}]) {
    const { identifier } = options;
    const cachedData = find(modules, identifier, code);
    if (cachedData !== undefined) {
      try {
        return new Module(code, { ...options, cachedData });
      } catch (error) {
        // V8 takes nothing that was made under other flags, and a suite, or jest itself for `--detectLeaks`, may set some.
        if (error.code !== 'ERR_VM_MODULE_CACHED_DATA_REJECTED') throw error;
      }
    }
    const made = new Module(code, options);
    if (identifier !== undefined) modules.set(identifier, { code, data: made.createCachedData() });
    return made;
  },
});

vm.compileFunction = (code, parameters, options = {}) => {
  const { filename } = options;
  if (filename === undefined) return compileFunction(code, parameters, options);
  const cachedData = find(functions, filename, code);
  if (cachedData !== undefined) return compileFunction(code, parameters, { ...options, cachedData });
  const compiled = compileFunction(code, parameters, { ...options, produceCachedData: true });
  if (compiled.cachedData !== undefined) functions.set(filename, { code, data: compiled.cachedData });
  return compiled;
};

function find(kept, name, code) {
  const found = kept.get(name);
  return found?.code === code ? found.data : undefined;
}
