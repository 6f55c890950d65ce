import { AppError } from '@quarry/contracts'
import { describe, expect, it } from 'vitest'
import { trustedOrigins } from './origins.ts'
import { requireSameOrigin } from './same-origin.ts'

const listen = { host: '0.0.0.0', port: 3000 }
const trusted = trustedOrigins({ publicUrl: 'http://quarry.test/app', listen })
const request = (method: string, headers: Record<string, string>) =>
  new Request('http://127.0.0.1:3000/api/trpc/x', { method, headers })
const check = (method: string, headers: Record<string, string>) => () =>
  requireSameOrigin(request(method, headers), trusted)

describe('a write', () => {
  it.each([
    ['the public origin', { origin: 'http://quarry.test' }],
    ['this machine', { origin: 'http://localhost:3000' }],
    ['no browser', {}],
    ['a browser that says same-origin', { 'sec-fetch-site': 'same-origin' }],
    ['a foreign page with a key of its own', { origin: 'https://evil.test', authorization: 'Bearer qk_x' }],
  ])('from %s is let through', (_, headers: Record<string, string>) => {
    expect(check('POST', headers)).not.toThrow()
  })

  it.each([
    ['another origin', { origin: 'https://evil.test' }],
    ['another port of this machine', { origin: 'http://localhost:3001' }],
    ['an opaque origin', { origin: 'null' }],
    ['another origin that lies about the site', { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }],
    ['another site without an origin', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site without an origin', { 'sec-fetch-site': 'same-site' }],
  ])('from %s is refused', (_, headers: Record<string, string>) => {
    expect(check('PUT', headers)).toThrow(AppError)
  })
})

it('over https there is one origin only', () => {
  expect(trustedOrigins({ publicUrl: 'https://quarry.test/app', listen })).toEqual(['https://quarry.test'])
})

it('reads are not its business', () => {
  expect(check('GET', { origin: 'https://evil.test' })).not.toThrow()
})
