// For `node --require`.
require('./typescript.cjs').loadTypeScript();
