'use client'

import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { FeedListener } from '../feed/feed-listener.tsx'
import { SearchShortcut } from '../search/search-shortcut.tsx'
import { SessionGate } from '../session/session-gate.tsx'
import { ToastProvider } from '../ui/toast.tsx'
import { BatchNotices } from '../uploads/batch-notices.tsx'
import { UploadDock } from '../uploads/upload-dock.tsx'
import { UploadProvider } from '../uploads/upload-provider.tsx'
import { MobileBar } from './mobile-bar.tsx'
import { Sidebar } from './sidebar.tsx'

/** Frame of every signed-in page. Uploads and the live feed live here, so that they go on while pages change. */
export const AppShell = ({ children }: { children: ReactNode }) => (
  <ToastProvider>
    <SessionGate>
      <FeedListener />
      <SearchShortcut />
      <UploadProvider>
        <a
          href="#main"
          className="fixed start-3 top-3 z-70 -translate-y-20 rounded-lg bg-accent px-3 py-2 text-on-accent focus:translate-y-0"
        >
          {t('shell.skip')}
        </a>
        <div className="flex h-dvh flex-col md:flex-row">
          <div className="hidden w-64 shrink-0 border-e border-line md:block">
            <Sidebar />
          </div>
          <MobileBar />
          <main id="main" tabIndex={-1} className="relative min-h-0 min-w-0 flex-1 outline-hidden">
            {children}
          </main>
        </div>
        <UploadDock />
        <BatchNotices />
      </UploadProvider>
    </SessionGate>
  </ToastProvider>
)
