# coding: utf-8
if a:
	b = (1,
2)
	\
  	c

d
