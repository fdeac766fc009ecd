import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// A busy machine draws late; an element that never appears still fails.
configure({ asyncUtilTimeout: 15_000 });

afterEach(cleanup);
