// Loads the program in dist/. Node 20 compiles all of it anew for each run, which takes longer than most of mesh's work; the build leaves
// beside it what V8 has compiled (scripts/compile-ahead.mjs), which the same V8 takes and any other does without.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, join, resolve } = require('node:path');
const process = require('node:process');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');

/** The folder under dist/ of what this V8 has compiled. */
const compiledFolder = `compiled/${process.versions.v8}-${process.platform}-${process.arch}`;

/** V8 takes what it compiled under the same flags alone: those with which the program starts (src/cli/main.ts). */
const compilingFlags = '--interrupt-budget=1000000 --semi-space-growth-factor=1';

/** The flags under which the program runs. */
let flags = compilingFlags;

/** Sets flags of V8 for the program. Files that are loaded later are taken in under those with which it starts. */
exports.setFlags = (wanted) => {
  flags = wanted;
  setFlagsFromString(flags);
};

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
  const underFlags = (wanted) => {
    if (process.versions.v8.startsWith('11.')) setFlagsFromString(wanted);
  };
  underFlags(compilingFlags);
  const modules = new Map();
  const load = (path) => {
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(path, module);
    // V8 compares no more than lengths. The names of the other files tell builds apart, that of the first does not.
    const compiledPath = basename(path) === 'main.cjs' ? undefined : join(dist, compiledFolder, `${basename(path)}.bin`);
    if (flags !== compilingFlags) underFlags(compilingFlags);
    const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${readFileSync(path, 'utf8')}\n})`, {
      filename: path,
      cachedData: compiledPath !== undefined && existsSync(compiledPath) ? readFileSync(compiledPath) : undefined,
    });
    if (flags !== compilingFlags) underFlags(flags);
    if (compiledPath !== undefined) onScript?.(script, compiledPath);
    const others = createRequire(path);
    const required = (name) => (name.startsWith('.') ? load(resolve(dirname(path), name)) : others(name));
    script.runInThisContext().call(module.exports, module.exports, required, module, path, dirname(path));
    return module.exports;
  };
  return load;
}

exports.createLoader = createLoader;
