import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { clientNetwork, noteClient, PEER_HEADER } from './client-network.ts'

const of = (peer: string, forwarded: string | null, trusted = 0) =>
  clientNetwork(
    new Headers({ [PEER_HEADER]: peer, ...(forwarded === null ? {} : { 'x-forwarded-for': forwarded }) }),
    trusted,
  )

it.each([
  ['192.0.2.1', null, 0, '192.0.2.1'],
  ['192.0.2.1', '203.0.113.9', 0, '192.0.2.1'],
  ['10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
  ['10.0.0.1', '1.1.1.1, 2.2.2.2, 203.0.113.9', 1, '203.0.113.9'],
  ['10.0.0.2', '1.1.1.1, 203.0.113.9, 10.0.0.1', 2, '203.0.113.9'],
  ['10.0.0.1', null, 2, 'unknown'],
  ['::ffff:192.0.2.1', null, 0, '192.0.2.1'],
  ['2001:db8:0:1::5', null, 0, '2001:db8:0:1::/64'],
  ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', null, 0, '2001:db8:0:1::/64'],
  ['::1', null, 0, '0:0:0:0::/64'],
])('peer %s that forwards %s behind %i proxies is %s', (peer, forwarded, trusted, network) => {
  expect(of(peer, forwarded, trusted)).toBe(network)
})

it.each([
  ['203.0.113.9', '203.0.113.9:51234', '[203.0.113.9]', ' 203.0.113.9 ', '::ffff:203.0.113.9', '::FFFF:cb00:7109'],
  [
    '203.0.113.9',
    '0:0:0:0:0:ffff:cb00:7109',
    '[::ffff:203.0.113.9]:443',
    '::ffff:203.0.113.9%eth0',
    '64:ff9b::cb00:7109',
  ],
  [
    '2001:db8:0:1::/64',
    '2001:db8:0:1::5',
    '2001:0DB8:0:0001:0:0:0:5',
    '[2001:db8:0:1::5]',
    '[2001:db8:0:1::5]:443',
    '2001:db8:0:1::5%en0',
    '2001:db8:0:1::0.0.0.5',
  ],
])('%s is one, however it is written', (network, ...spellings) => {
  expect(spellings.map((spelling) => of(spelling, null))).toEqual(spellings.map(() => network))
  expect(spellings.map((spelling) => of('10.0.0.1', `6.6.6.6, ${spelling}`, 1))).toEqual(spellings.map(() => network))
})

it('a thousand addresses of one /64 are one, and the next /64 is another', () => {
  const addresses = Array.from({ length: 1000 }, (_, i) => `2001:db8:7:8:${(i * 65_537).toString(16).slice(-4)}::${i}`)
  expect(new Set(addresses).size).toBe(1000)
  expect(new Set(addresses.map((address) => of(address, null)))).toEqual(new Set(['2001:db8:7:8::/64']))
  expect(of('2001:db8:7:9::1', null)).toBe('2001:db8:7:9::/64')
})

it.each([
  '',
  'localhost',
  '203.0.113',
  '203.0.113.09',
  '999.1.1.1',
  '1.2.3.4.5',
  '::1::',
  '<script>',
  'x'.repeat(8000),
])('what is no address is nobody in particular: %s', (text) => {
  expect(of('10.0.0.1', text, 1)).toBe('unknown')
})

it('the peer is the one of the socket, whatever the caller says', async () => {
  const server = createServer((incoming, response) => {
    noteClient(incoming, 0)
    response.end(clientNetwork(new Headers(Object.entries(incoming.headers).map(([n, v]) => [n, String(v)])), 0))
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sent = request({
    host: '127.0.0.1',
    port,
    headers: { [PEER_HEADER]: '6.6.6.6', 'x-quarry-client': '6.6.6.6' },
  }).end()
  const [response] = await once(sent, 'response')
  const [body] = await once(response, 'data')
  expect(String(body)).toBe('127.0.0.1')
})
