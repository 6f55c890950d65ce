-- Whose turn it is in the queue.
SELECT 1;
