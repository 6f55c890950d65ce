'use client'

import { LOCALE, t } from '../i18n/translate.ts'
import './globals.css'

/** Replaces the whole document when even the layout failed, so it relies on nothing but its own markup. */
export default function GlobalError() {
  return (
    <html lang={LOCALE}>
      <body className="grid min-h-dvh place-items-center p-6 text-center">
        <main>
          <title>{t('error.title')}</title>
          <h1 className="text-lg font-semibold">{t('error.title')}</h1>
          <p className="mt-2 text-ink-2">{t('error.unknown.action')}</p>
          <p className="mt-4">
            {/* eslint-disable-next-line nextjs/no-html-link-for-pages -- the router may be what broke */}
            <a href="/" className="font-medium text-accent underline">
              {t('notFound.home')}
            </a>
          </p>
        </main>
      </body>
    </html>
  )
}
