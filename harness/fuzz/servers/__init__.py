"""What is fuzzed of servers: users who are logged in, and what is judged of what they get."""
