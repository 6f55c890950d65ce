// The one way into the project: `npm start`, `npm test` and the others come here. It needs nothing but Node 20, and finds
// or fetches the rest: Node 24, pnpm, the packages, the build.
import path from 'node:path'
import { delegate } from './boot/delegate.mjs'
import { loadDotEnv } from './boot/environment.mjs'
import { BootFailure } from './boot/failure.mjs'
import { ROOT } from './boot/paths.mjs'
import { quarry } from './boot/quarry.mjs'
import { build, serve } from './boot/serve.mjs'

const OLDEST_NODE_MAJOR = 20

const inCheckout = (file) => path.join(ROOT, file)

const tasks = {
  start: () => serve('start'),
  dev: () => serve('dev'),
  build,
  test: (args) => delegate(inCheckout('scripts/test/main.mjs'), args),
  proof: (args) => delegate(inCheckout('scripts/test/main.mjs'), ['--proof', ...args]),
  bench: (args) => delegate(inCheckout('bench/main.mjs'), args),
  load: (args) => delegate(inCheckout('bench/load/main.mjs'), args),
  cluster: (args) => delegate(inCheckout('scripts/cluster/main.mjs'), args, { endsWithBoot: true }),
  quarry,
}

const fail = (message) => {
  console.error(message)
  process.exitCode = 1
}

const [task = '', ...args] = process.argv.slice(2)
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE_MAJOR) {
  fail(`Quarry needs Node ${OLDEST_NODE_MAJOR} or newer to start; this is ${process.version}.`)
} else if (!Object.hasOwn(tasks, task)) {
  fail(`Usage: node scripts/boot.mjs ${Object.keys(tasks).join(' | ')}`)
} else {
  try {
    // Tests bring their own settings; a developer's `.env` must not change what they find.
    if (!['test', 'proof'].includes(task)) loadDotEnv()
    const code = await tasks[task](args)
    if (code !== undefined) process.exit(code)
  } catch (error) {
    if (!(error instanceof BootFailure)) throw error
    console.error(error.message)
    // Not only an exit code: a child's open pipe would keep a failed start alive.
    process.exit(1)
  }
}
