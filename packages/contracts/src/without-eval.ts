import { z } from 'zod'

// In a browser Zod would try `new Function` as soon as a schema is made, and our Content-Security-Policy reports that.
if ('window' in globalThis) z.config({ jitless: true })
