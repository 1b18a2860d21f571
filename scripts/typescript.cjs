// For `node --require`: lets Node load this checkout's TypeScript. Each file is stripped of its types when it is first needed.
const { transformFileSync } = require('@swc/core');

const options = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs', ignoreDynamic: true },
  sourceMaps: 'inline',
  swcrc: false,
};

require.extensions['.ts'] = (module, path) => module._compile(transformFileSync(path, options).code, path);
