import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router/dom';
import { makeQueryClient } from '@/lib/transport/query-client';
import { session } from '@/lib/session/session';
import { makeRouter } from './router';
import { colorSchemeManager, cssVariablesResolver, printColours, theme } from './theme';
import { ThemeColor } from './theme-color';

const queryClient = makeQueryClient();
const router = makeRouter();

// The next person at the same computer must not see the answers of the one before.
let lastUserId: string | null = null;
session.subscribe(() => {
  const state = session.getState();
  const userId = state.status === 'authenticated' ? state.user.id : null;
  if (lastUserId !== null && userId !== lastUserId) queryClient.clear();
  lastUserId = userId;
});

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <style media="print">{printColours}</style>
      <ThemeColor />
      <QueryClientProvider client={queryClient}>
        {/* In a transition React defers nothing: the bars would wait for everything that is drawn below them. */}
        <RouterProvider router={router} useTransitions={false} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
