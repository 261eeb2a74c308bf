// Loads the program in dist/. Node 20 compiles all of it anew for each run, which takes longer than most of mesh's work; the build leaves
// beside it what V8 has compiled (scripts/compile-ahead.mjs), which the same V8 takes and any other does without.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, join, resolve } = require('node:path');
const process = require('node:process');
const vm = require('node:vm');

/** The folder under dist/ of what this V8 has compiled. */
const compiledFolder = `compiled/${process.versions.v8}-${process.platform}-${process.arch}`;

/** The program's exports. */
exports.loadProgram = (dist) => {
  const main = join(dist, 'cli/main.cjs');
  return existsSync(join(dist, compiledFolder)) ? createLoader(dist)(main) : require(main);
};

/**
 * Loads modules as Node's `require` does, those of dist/ with what was compiled of them. Each script is handed on with the path for what
 * is compiled of it.
 */
function createLoader(dist, onScript) {
  const modules = new Map();
  const load = (path) => {
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(path, module);
    const compiledPath = join(dist, compiledFolder, `${basename(path)}.bin`);
    const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${readFileSync(path, 'utf8')}\n})`, {
      filename: path,
      cachedData: existsSync(compiledPath) ? readFileSync(compiledPath) : undefined,
    });
    onScript?.(script, compiledPath);
    const others = createRequire(path);
    const required = (name) => (name.startsWith('.') ? load(resolve(dirname(path), name)) : others(name));
    script.runInThisContext().call(module.exports, module.exports, required, module, path, dirname(path));
    return module.exports;
  };
  return load;
}

exports.createLoader = createLoader;
