// `npm run cluster`: the whole product as several processes behind a balancer, and the commands that talk to it.
import { BootFailure } from '../boot/failure.mjs'
import { askSupervisor } from './control.mjs'
import { showLogs } from './logs.mjs'
import { HELP, readArguments } from './options.mjs'
import { placesIn } from './state-folder.mjs'
import { statusTable, withMemory } from './status.mjs'
import { supervise } from './supervise.mjs'

const print = (line) => console.log(line)

const ask = ({ command, folder, ...input }) => askSupervisor(placesIn(folder).socket, command, input, print)

const COMMANDS = {
  help: () => print(HELP),
  start: supervise,
  status: async ({ json, ...rest }) => {
    const view = await withMemory(await ask(rest))
    print(json ? JSON.stringify(view) : statusTable(view))
  },
  scale: ask,
  roll: ask,
  logs: ({ folder, ...options }) => showLogs(placesIn(folder), options, print),
  stop: async (options) => {
    await ask(options)
    print('The cluster has stopped.')
  },
}

try {
  const options = readArguments(process.argv.slice(2), process.env.INIT_CWD)
  if (options.command !== 'start') process.once('disconnect', () => process.exit(1))
  await COMMANDS[options.command](options)
  // The channel to boot would keep a command alive that is done.
  if (options.command !== 'start') process.exit(0)
} catch (error) {
  if (!(error instanceof BootFailure)) throw error
  console.error(error.message)
  process.exit(1)
}
