/**
 * Who may import whom among the workspaces. What is not named here may import nothing of ours.
 * `type:` allows `import type` only. Subpaths are named where not every entry of a package is meant.
 */
export const LAYERS = {
  'packages/contracts': [],
  'packages/config': ['contracts'],
  'packages/observability': ['contracts', 'config'],
  'packages/db': ['contracts', 'config', 'observability'],
  'packages/cache': ['contracts', 'config', 'observability'],
  'packages/blobs': ['contracts', 'config', 'observability'],
  'packages/jobs': ['contracts', 'observability', 'db'],
  'packages/rag': ['contracts', 'config', 'observability', 'db', 'cache', 'blobs'],
  'packages/core': ['contracts', 'config', 'observability', 'db', 'cache', 'blobs', 'jobs', 'rag'],
  'packages/api': ['contracts', 'observability', 'core', 'cache'],
  'apps/web server': ['contracts', 'config', 'observability', 'api', 'core/web'],
  'apps/web browser': ['contracts', 'type:api'],
  'apps/cli': ['contracts', 'type:api'],
  'apps/worker': [
    'contracts',
    'config',
    'observability',
    'jobs',
    'core/worker',
    'core/transfer',
    'core/operator',
    'core/seed',
  ],
}

/** Packages from outside that a workspace may use, where that is limited. */
export const OUTSIDE = { 'packages/contracts': ['zod'] }

/** Parts of the web application that run in a browser whatever they say; elsewhere `'use client'` says it. */
const BROWSER_FOLDERS = /^apps\/web\/src\/(features|trpc|i18n)\//

export const layerOf = (file, workspace, source) => {
  if (workspace !== 'apps/web') return workspace
  const inBrowser = BROWSER_FOLDERS.test(file) || /^\s*(["'])use client\1/.test(source)
  return inBrowser ? 'apps/web browser' : 'apps/web server'
}

/**
 * Places that may read `process.env`: it is read once, validated, and handed on as a value. The last one writes what Next
 * looks for there.
 */
export const MAY_READ_ENVIRONMENT =
  /^packages\/config\/|^apps\/[^/]+\/src\/env\.ts$|\.config\.[cm]?[jt]s$|^scripts\/|^bench\/|^apps\/web\/src\/entry\/next-app\.ts$/

/** Names that say nothing about what is inside. */
export const EMPTY_NAMES = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'types', 'misc'])
export const EMPTY_ENDINGS = /-(utils?|helpers?)$/

/** A file longer than this has more than one subject. */
export const MAX_LINES = 400
