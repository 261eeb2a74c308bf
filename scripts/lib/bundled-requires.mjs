/**
 * For Rolldown, where everything is to lie in one file: packages that the program loads when it first needs them
 * (`createRequire(import.meta.url)('package')`) are put into the bundle, which has no `import.meta` and no packages beside it.
 */
export const bundledRequires = {
  name: 'bundled-requires',
  transform: {
    filter: { code: /createRequire\(import\.meta\.url\)/ },
    handler: (code) => {
      const names = [...code.matchAll(/const (\w+) = createRequire\(import\.meta\.url\);/g)].map(([, name]) => name);
      const plain = code.replaceAll(/const \w+ = createRequire\(import\.meta\.url\);/g, '');
      const direct = plain.replaceAll('createRequire(import.meta.url)(', 'require(');
      return { code: names.reduce((text, name) => text.replaceAll(`${name}(`, 'require('), direct) };
    },
  },
};
