import { ChatScreen } from '../../../features/chat/chat-screen.tsx'

/** The chat is the layout: a new conversation gets its address without the screen being built again. */
export default function ChatLayout({ children }: LayoutProps<'/'>) {
  return (
    <>
      <ChatScreen />
      {children}
    </>
  )
}
