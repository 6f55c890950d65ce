import { chmodSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { createInterface } from 'node:readline'
import { BootFailure } from '../boot/failure.mjs'

/** A request of the commands holds no more than a few names. */
const MOST_BYTES = 10_000

/**
 * Lets the other commands talk to the supervisor, over a Unix socket that only its owner may open. Each answer is lines of
 * JSON: `{ say }` as it goes on, then `{ result }` or `{ error }`.
 *
 * @param {string} socket path
 * @param {Record<string, (input: any, tell: (line: string) => void) => Promise<unknown>>} commands
 */
export const listenForCommands = async (socket, commands) => {
  rmSync(socket, { force: true })
  const server = createServer((incoming, response) => {
    const send = (line) => response.write(`${JSON.stringify(line)}\n`)
    const answer = async () => {
      const command = commands[incoming.url.slice(1)]
      if (command === undefined) throw new BootFailure(`The running cluster knows no command ${incoming.url.slice(1)}.`)
      let body = ''
      for await (const part of incoming) {
        body += part
        if (body.length > MOST_BYTES) throw new BootFailure('The command is too long.')
      }
      return command(body === '' ? {} : JSON.parse(body), (say) => send({ say }))
    }
    const respond = async () => {
      try {
        send({ result: (await answer()) ?? null })
      } catch (error) {
        send({ error: error instanceof BootFailure ? error.message : error.stack })
      }
      response.end()
    }
    void respond()
  })
  server.listen(socket)
  await once(server, 'listening')
  chmodSync(socket, 0o600)
  return { close: () => void server.close(() => rmSync(socket, { force: true })) }
}

/**
 * Has the supervisor carry out a command.
 *
 * @param {string} socket
 * @param {string} name
 * @param {object} input
 * @param {(line: string) => void} say
 * @returns {Promise<any>} its result
 * @throws BootFailure with what the supervisor says, or that there is none
 */
export const askSupervisor = (socket, name, input, say) =>
  new Promise((resolve, reject) => {
    const none = () =>
      reject(
        new BootFailure(
          'No cluster runs here. Start one with `npm run cluster`, or name the folder of the one you mean with --data.',
        ),
      )
    const outgoing = request({ socketPath: socket, path: `/${name}`, method: 'POST' }, (response) => {
      let settled = false
      createInterface({ input: response })
        .on('line', (line) => {
          const told = JSON.parse(line)
          if (told.say !== undefined) return say(told.say)
          settled = true
          if (told.error === undefined) resolve(told.result)
          else reject(new BootFailure(told.error))
        })
        .on('close', () => {
          if (!settled) reject(new BootFailure('The cluster ended meanwhile. Its messages are where it was started.'))
        })
    })
    outgoing.on('error', none)
    outgoing.end(JSON.stringify(input))
  })
