import { get } from 'node:http'
import { connect } from 'node:net'

/** Whether the web process or worker there is ready; rejected when nobody answers. */
export const askReady =
  ({ host = '127.0.0.1', port }) =>
  (signal) =>
    new Promise((resolve, reject) => {
      const request = get({ host, port, path: '/api/health/ready', agent: false, signal }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode === 200))
        response.on('error', reject)
      })
      request.on('error', reject)
    })

/**
 * Whether what is written to a port is answered as expected; rejected when nobody answers.
 *
 * @param {{ host?: string, port: number, say?: string, expect?: RegExp }} options without `say` it is enough that somebody listens
 */
export const askPort =
  ({ host = '127.0.0.1', port, say, expect }) =>
  (signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      const end = (settle, value) => {
        socket.destroy()
        settle(value)
      }
      signal.addEventListener('abort', () => end(reject, new Error('no answer in time')), { once: true })
      socket.once('error', (error) => end(reject, error))
      socket.once('connect', () => {
        if (say === undefined) end(resolve, true)
        else socket.write(say)
      })
      let heard = ''
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1')
        if (expect.test(heard)) end(resolve, true)
      })
      socket.once('close', () => end(reject, new Error('the connection was closed')))
    })
