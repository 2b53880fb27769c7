"""From a folder to a crawl: tasks of pages in, a shard of rows for each of them out, on one machine or on Ray."""
