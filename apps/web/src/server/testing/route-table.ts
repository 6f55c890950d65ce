import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Role } from '@quarry/contracts'

export const APP_FOLDER = join(import.meta.dirname, '..', '..', 'app')

/** What one organisation has that a route can name. */
export interface RouteScene {
  /** A version whose bytes are there, and an upload that has begun, both in a collection for some people only. */
  readonly versionId: string
  readonly ticket: string
}

export type RouteRow =
  /** Mounts the API: each of its procedures is in a table of its own, in @quarry/api. */
  | { readonly kind: 'procedures' }
  /** Names nothing of anybody, so that there is nothing to look up. */
  | { readonly kind: 'everybody'; readonly because: string }
  | {
      readonly kind: 'tenant'
      /** What the caller sends to reach `id`. */
      readonly request: (id: string) => { readonly path: string; readonly init: RequestInit }
      readonly id: (scene: RouteScene) => string
      /** The least role that it is for. */
      readonly least: Role
      /** Found in what its owner gets, in its body or its headers. */
      readonly shows: string
    }

/** The route's file below app/, without `/route.ts`, and each method that it answers. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, RouteRow>>>> = {
  'api/auth/[...all]': {
    GET: { kind: 'everybody', because: 'nothing of it is open' },
    POST: { kind: 'everybody', because: 'signing up, in and out; each names the caller alone' },
  },
  'api/documents/versions/[versionId]/content': {
    GET: content('GET', 'The orchid'),
    HEAD: content('HEAD', 'closed-plans.md'),
  },
  'api/health/live': { GET: { kind: 'everybody', because: 'says that the process answers' } },
  'api/health/ready': { GET: { kind: 'everybody', because: 'says which parts are there' } },
  'api/trpc/[trpc]': { GET: { kind: 'procedures' }, POST: { kind: 'procedures' } },
  'api/uploads/[ticket]': {
    HEAD: upload('HEAD', '5'),
    PUT: upload('PUT', '"offset":11'),
  },
}

function content(method: string, shows: string): RouteRow {
  return {
    kind: 'tenant',
    request: (id) => ({ path: `/api/documents/versions/${id}/content`, init: { method } }),
    id: (scene) => scene.versionId,
    least: 'viewer',
    shows,
  }
}

function upload(method: string, shows: string): RouteRow {
  return {
    kind: 'tenant',
    request: (id) => ({
      path: `/api/uploads/${id}?offset=5`,
      init: { method, ...(method === 'PUT' ? { body: 'orchid' } : {}) },
    }),
    id: (scene) => scene.ticket,
    least: 'member',
    shows,
  }
}

/** Every route below app/, by what the file system has. */
export const routesOnDisk = (folder = APP_FOLDER): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?:^|\/)route\.tsx?$/.test(file))
    .map((file) => relative('.', file.replace(/\/?route\.tsx?$/, '')))
    .toSorted()

/** Methods that Next calls a route's exports by. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What is on disk and in no table, and what is in the table and not on disk, as `METHOD route`. */
export const unlistedRoutes = (onDisk: ReadonlyMap<string, object>): string[] => {
  const found = [...onDisk].flatMap(([route, module]) =>
    METHODS.filter((method) => method in module).map((method) => `${method} ${route}`),
  )
  const listed = Object.entries(ROUTES).flatMap(([route, row]) =>
    Object.keys(row).map((method) => `${method} ${route}`),
  )
  return [...found.filter((one) => !listed.includes(one)), ...listed.filter((one) => !found.includes(one))]
}
