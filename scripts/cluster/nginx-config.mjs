import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../boot/paths.mjs'

const TEMPLATE = path.join(ROOT, 'docker', 'nginx', 'nginx.conf.template')
/** Refusals after which a replica is left out, and for how long: a replica that has come back is found after this time. */
const MAX_FAILS = 3
export const FAIL_TIMEOUT_SECONDS = 1

/**
 * The configuration of the balancer.
 *
 * @param {object} options
 * @param {string[]} options.servers addresses of the replicas, also those that are not there at the moment
 * @param {string} options.listen address and port
 * @param {string} options.run a folder of nginx's own: temporary files and its process id
 * @param {string} options.accessLog
 * @param {string} options.errorLog
 * @param {number} options.uploadMaxBytes
 * @param {{ user: string, group: string } | undefined} [options.user] whom its workers run as, where it is started by root
 * @param {{ cert: string, key: string } | undefined} [options.tls] then HTTPS, with HTTP/2
 * @param {string | undefined} [options.plain] with `tls`: where people without it are sent to the same address with it, and
 *   probes of this machine are answered
 */
export const nginxConfig = ({ servers, listen, run, accessLog, errorLog, uploadMaxBytes, user, tls, plain }) => {
  const server = (address) => `        server ${address} max_fails=${MAX_FAILS} fail_timeout=${FAIL_TIMEOUT_SECONDS}s;`
  const values = {
    USER: user === undefined ? '' : `user ${user.user} ${user.group};`,
    RUN: run,
    ERROR_LOG: errorLog,
    ACCESS_LOG: accessLog,
    WEB_SERVERS: servers.map(server).join('\n'),
    PLAIN: plain === undefined ? '' : plainServer(plain),
    LISTEN: tls === undefined ? listen : `${listen} ssl http2`,
    TLS:
      tls === undefined
        ? ''
        : [
            `        ssl_certificate ${tls.cert};`,
            `        ssl_certificate_key ${tls.key};`,
            '        ssl_protocols TLSv1.2 TLSv1.3;',
            '        ssl_session_cache shared:tls:2m;',
          ].join('\n'),
    UPLOAD_MAX_BYTES: String(uploadMaxBytes),
  }
  return readFileSync(TEMPLATE, 'utf8').replaceAll(/\$\{([A-Z_]+)\}/g, (_, name) => values[name])
}

/** 308: whoever posts, posts again there. */
const plainServer = (listen) => `
    server {
        listen ${listen};
        location / {
            return 308 https://$host$request_uri;
        }
        location /api/health/ {
            proxy_pass http://web;
        }
    }`

/** What both images' configurations have: the replicas are those that the name `web` has when nginx starts. */
const IMAGE = {
  servers: ['web:3000'],
  run: '/tmp/nginx',
  accessLog: '/dev/stdout',
  errorLog: '/dev/stderr',
  // As UPLOAD_MAX_BYTES is by default.
  uploadMaxBytes: 100 * 1024 * 1024,
}
const CERTIFICATE = { cert: '/etc/nginx/tls/tls.crt', key: '/etc/nginx/tls/tls.key' }

/** The files in docker/nginx by their names; start.sh takes the one with TLS where there is a certificate. */
export const imageConfigs = () => ({
  'nginx.conf': nginxConfig({ ...IMAGE, listen: '8080' }),
  'nginx-tls.conf': nginxConfig({ ...IMAGE, listen: '8443', tls: CERTIFICATE, plain: '8080' }),
})

// `node scripts/cluster/nginx-config.mjs` after a change of the template; a test compares them.
if (process.argv[1] === import.meta.filename)
  for (const [name, text] of Object.entries(imageConfigs()))
    writeFileSync(path.join(ROOT, 'docker', 'nginx', name), text)
