import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Packages that are imported in one place only, so that all else can be read and tested without them. */
const HOMES = [
  { homes: ['coordinator/http', 'site-agent/console/http'], packages: ['express', 'helmet'] },
  { homes: ['coordinator/sockets'], packages: ['socket.io'] },
  {
    homes: ['coordinator/storage'],
    packages: ['typeorm', 'pg', '@electric-sql/pglite', '@electric-sql/pglite-socket'],
  },
  {
    homes: ['site-agent/backend'],
    packages: [
      '@tensorflow/tfjs-node-gpu',
      '@tensorflow/tfjs-node',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-cpu',
    ],
  },
];

const INPUT_OUTPUT = [
  'fs',
  'fs/promises',
  'net',
  'http',
  'https',
  'child_process',
  'dgram',
  'timers/promises',
].map((module) => `node:${module}`);
const TENSORS = { regex: '^@tensorflow/', message: 'Tensors belong to the site agent.' };
const TESTS = { regex: '(^|/)test/', message: 'Nothing imports test/.' };
const workspace = (name) => ({
  regex: `^@fedoxnet/${name}(/|$)|^(\\.\\./)+${name}/`,
  message: `This part does not know ${name}.`,
});

/** The import rule of one part of the tree: `own` names the folders whose packages it may import. */
function wall(files, { own = [], modules = [], patterns = [] }) {
  const paths = HOMES.filter(({ homes }) => !homes.some((home) => own.includes(home))).flatMap(
    ({ homes, packages }) =>
      packages.map((name) => ({ name, message: `Only ${homes.join('/ and ')}/ imports ${name}.` })),
  );
  const forbidden = modules.map((name) => ({ name, message: 'This part is plain data and arithmetic.' }));
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { paths: [...paths, ...forbidden], patterns: [TESTS, ...patterns] }],
    },
  };
}

const COORDINATOR = [workspace('site-agent'), TENSORS];
const SITE = [workspace('coordinator'), workspace('migrations')];
/** The network and its losses see tensors, each other and `shared`: no files, no processes, no other package. */
const NUMERICS = [
  {
    regex: '^(?!\\.{1,2}/|@tensorflow/tfjs-core$|@fedoxnet/shared/)',
    message: 'model/ and losses/ import only @tensorflow/tfjs-core and shared.',
  },
  {
    regex: '^\\.\\./(?!(\\.\\./)*(model|losses)/)',
    message: 'model/ and losses/ know only each other; data/ gives them types, in `import type`.',
  },
];

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', 'runs/', '.cache/', 'coverage/'] },
  {
    files: ['**/*.ts', 'deploy/**/*.mjs'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An async function may meet an interface of promises without waiting for anything.
      '@typescript-eslint/require-await': 'off',
      // Two compilers infer differently here, and a cast that changes nothing hides nothing.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Left to the compiler, which sees the leading underscore of a parameter that an interface asks for.
      '@typescript-eslint/no-unused-vars': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name: a thing has one name everywhere.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
      ],
    },
  },
  {
    // Types of plain JavaScript are in comments, which these rules do not read.
    files: ['deploy/**/*.mjs'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-return': 'off' },
  },
  {
    // Mocha takes the default export.
    files: ['test/support/reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'Program', message: 'No index.ts: name the file after its concept.' },
      ],
    },
  },

  wall(['shared/**/*.ts'], {
    modules: INPUT_OUTPUT,
    patterns: [{ regex: '^@fedoxnet/', message: 'shared imports nothing of ours.' }, TENSORS],
  }),
  wall(['migrations/**/*.ts'], {
    own: ['coordinator/storage'],
    patterns: [...COORDINATOR, workspace('coordinator')],
  }),
  wall(['coordinator/**/*.ts'], { patterns: COORDINATOR }),
  wall(['coordinator/http/**/*.ts'], { own: ['coordinator/http'], patterns: COORDINATOR }),
  wall(['coordinator/sockets/**/*.ts'], { own: ['coordinator/sockets'], patterns: COORDINATOR }),
  wall(['coordinator/storage/**/*.ts'], { own: ['coordinator/storage'], patterns: COORDINATOR }),
  wall(['site-agent/**/*.ts'], { patterns: SITE }),
  wall(['site-agent/console/http/**/*.ts'], { own: ['site-agent/console/http'], patterns: SITE }),
  wall(['site-agent/backend/**/*.ts'], { own: ['site-agent/backend'], patterns: SITE }),
  wall(['site-agent/{model,losses}/**/*.ts'], { patterns: [...SITE, ...NUMERICS] }),
  wall(['deploy/**/*.ts'], {}),
  {
    files: ['test/**/*.ts'],
    rules: {
      // `expect(x).to.be.true` is a claim.
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
);
