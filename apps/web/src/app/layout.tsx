import { isTracing } from '@quarry/observability'
import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { Providers } from '../features/shell/providers.tsx'
import { parseTheme, THEME_COOKIE } from '../features/shell/theme.ts'
import { runningBuild } from '../server/build.ts'
import { LOCALE, t } from '../i18n/translate.ts'
import './globals.css'

export const metadata: Metadata = {
  title: { default: t('app.name'), template: `%s · ${t('app.name')}` },
  description: t('app.tagline'),
  icons: { icon: '/favicon.svg' },
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fcfcfb' },
    { media: '(prefers-color-scheme: dark)', color: '#161615' },
  ],
}

// Reading the cookie makes every page dynamic, which the nonce of the content security policy needs as well.
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value)
  return (
    <html
      lang={LOCALE}
      data-theme={theme === 'system' ? undefined : theme}
      data-build={runningBuild() || undefined}
      data-traces={isTracing() || undefined}
      suppressHydrationWarning
    >
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
