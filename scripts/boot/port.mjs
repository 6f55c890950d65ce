import { createServer } from 'node:net'
import { BootFailure } from './failure.mjs'

/** Throws unless the web server will be able to listen there. */
export const needFreePort = ({ host, port }) =>
  new Promise((resolve, reject) => {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      reject(new BootFailure(`PORT must be a number from 1 to 65535, not ${process.env.PORT}.`))
      return
    }
    const server = createServer()
    server.once('error', (error) => {
      const reason = {
        EADDRINUSE: `Port ${port} of ${host} is in use. Stop what uses it, or set PORT to another one.`,
        EACCES: `Port ${port} of ${host} may not be used by this user. Set PORT to one above 1023.`,
        EADDRNOTAVAIL: `This machine has no address ${host}. Set HOSTNAME to one that it has.`,
      }[error.code]
      reject(new BootFailure(reason ?? `Cannot listen on ${host}:${port} (${error.code}).`))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()))
  })
