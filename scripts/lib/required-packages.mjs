import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * For Rolldown: CommonJS packages are loaded by `require`. Imported, Node would first read them through with a lexer of its own to learn
 * what they export, which takes longer than to run them.
 */
export const requiredPackages = (names) => ({
  name: 'required-packages',
  resolveId: {
    filter: { id: new RegExp(`^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`) },
    handler: (name) => `\0required:${name}`,
  },
  load: {
    filter: { id: /^\0required:/ },
    handler: (id) => {
      const name = id.slice('\0required:'.length);
      const exported = Object.keys(load(name)).filter((key) => /^[A-Za-z]\w*$/.test(key) && key !== 'default');
      return {
        code: [
          `import { createRequire } from 'node:module';`,
          `const required = createRequire(import.meta.url)(${JSON.stringify(name)});`,
          'export default required;',
          ...exported.map((key) => `export const ${key} = required.${key};`),
        ].join('\n'),
        moduleType: 'js',
        moduleSideEffects: false,
      };
    },
  },
});
