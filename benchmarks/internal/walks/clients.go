package walks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/go-resty/resty/v2"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/oapi"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
)

// groupPage and orderPage are the answers of the two lists. They differ in the
// type of a record only.
type groupPage[T any] struct {
	OrderGroups []T `json:"order_groups"`
	Count       int `json:"count"`
	Offset      int `json:"offset"`
	Limit       int `json:"limit"`
}

type orderPage[T any] struct {
	Status  int    `json:"status"`
	Success bool   `json:"success"`
	Message string `json:"message"`
	Data    struct {
		Orders     []T `json:"orders"`
		Pagination struct {
			Page  int `json:"page"`
			Limit int `json:"limit"`
			Total int `json:"total"`
			Pages int `json:"pages"`
		} `json:"pagination"`
	} `json:"data"`
}

// A visitor counts the records of a page, and says how many these are and how
// many there are in all.
type visitor[P any] func(page *P, check *checker) (n, total int)

func visitPlainGroups(page *groupPage[orderGroup], check *checker) (n, total int) {
	for i := range page.OrderGroups {
		group, items := &page.OrderGroups[i], 0
		for j := range group.Orders {
			items += len(group.Orders[j].Items)
		}
		check.add(group.ID, items, floatCents(group.Total))
	}
	return len(page.OrderGroups), page.Count
}

func visitPlainOrders(page *orderPage[order], check *checker) (n, total int) {
	for i := range page.Data.Orders {
		order := &page.Data.Orders[i]
		check.add(order.ID, len(order.Items), floatCents(order.Total))
	}
	return len(page.Data.Orders), page.Data.Pagination.Total
}

func visitLeanGroups(page *oapi.OrderGroupPage, check *checker) (n, total int) {
	for i := range page.OrderGroups {
		group, items := &page.OrderGroups[i], 0
		for j := range group.Orders {
			items += len(group.Orders[j].Items)
		}
		check.add(group.ID, items, floatCents(group.Total))
	}
	return len(page.OrderGroups), page.Count
}

func visitLeanOrders(page *oapi.OrderPage, check *checker) (n, total int) {
	for i := range page.Data.Orders {
		order := &page.Data.Orders[i]
		check.add(order.ID, len(order.Items), floatCents(order.Total))
	}
	return len(page.Data.Orders), page.Data.Pagination.Total
}

func visitSDKGroups(page *groupPage[storeorders.OrderGroup], check *checker) (n, total int) {
	for i := range page.OrderGroups {
		check.addGroup(&page.OrderGroups[i])
	}
	return len(page.OrderGroups), page.Count
}

func visitSDKOrders(page *orderPage[storeorders.Order], check *checker) (n, total int) {
	for i := range page.Data.Orders {
		check.addOrder(&page.Data.Orders[i])
	}
	return len(page.Data.Orders), page.Data.Pagination.Total
}

func (c *checker) addGroup(group *storeorders.OrderGroup) {
	items := 0
	for i := range group.Orders {
		items += len(group.Orders[i].Items)
	}
	c.add(group.ID, items, decimalCents(group.Total))
}

func (c *checker) addOrder(order *storeorders.Order) {
	c.add(order.ID, len(order.Items), decimalCents(order.Total))
}

// get sends a request and hands its body over.
func get(ctx context.Context, client *http.Client, url string, body func(io.Reader) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	setHeaders(request.Header)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return body(response.Body)
}

// raw is net/http alone: the bodies are read and thrown away. As it does not
// look into them it goes by the number of records that it was told.
func raw(task Task) (Walk, error) {
	client := &http.Client{Transport: transport()}
	return inPages(func(ctx context.Context, offset int, _ *checker) (n, total int, err error) {
		err = get(ctx, client, task.BaseURL+task.path()+"?"+task.query(offset).Encode(), func(body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		})
		return task.Size, task.Records, err
	}), nil
}

// netHTTP is net/http, io.ReadAll and encoding/json into the visitors' types.
func netHTTP[G, O any](groups visitor[G], orders visitor[O]) func(Task) (Walk, error) {
	return func(task Task) (Walk, error) {
		if task.API == pages.Mercur {
			return netHTTPOf(task, groups), nil
		}
		return netHTTPOf(task, orders), nil
	}
}

func netHTTPOf[P any](task Task, visit visitor[P]) Walk {
	client := &http.Client{Transport: transport()}
	return inPages(func(ctx context.Context, offset int, check *checker) (n, total int, err error) {
		page := new(P)
		err = get(ctx, client, task.BaseURL+task.path()+"?"+task.query(offset).Encode(), func(body io.Reader) error {
			data, err := io.ReadAll(body)
			if err != nil {
				return err
			}
			return json.Unmarshal(data, page)
		})
		n, total = visit(page, check)
		return n, total, err
	})
}

func restyClient(task Task) (Walk, error) {
	if task.API == pages.Mercur {
		return restyOf(task, visitPlainGroups), nil
	}
	return restyOf(task, visitPlainOrders), nil
}

func restyOf[P any](task Task, visit visitor[P]) Walk {
	client := resty.New().SetTransport(transport()).SetBaseURL(task.BaseURL)
	setHeaders(client.Header)
	return inPages(func(ctx context.Context, offset int, check *checker) (n, total int, err error) {
		page := new(P)
		response, err := client.R().SetContext(ctx).SetQueryParamsFromValues(task.query(offset)).SetResult(page).Get(task.path())
		if err == nil && response.IsError() {
			err = fmt.Errorf("status %d", response.StatusCode())
		}
		n, total = visit(page, check)
		return n, total, err
	})
}

func oapiClient(task Task) (Walk, error) {
	client, err := oapi.NewClientWithResponses(task.BaseURL,
		oapi.WithHTTPClient(&http.Client{Transport: transport()}),
		oapi.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
			setHeaders(request.Header)
			return nil
		}))
	if err != nil {
		return nil, err
	}
	if task.API == pages.Mercur {
		names := fields()
		return inPages(func(ctx context.Context, offset int, check *checker) (n, total int, err error) {
			response, err := client.ListOrderGroupsWithResponse(ctx, &oapi.ListOrderGroupsParams{Limit: &task.Size, Offset: &offset, Fields: &names})
			if err == nil && response.JSON200 == nil {
				err = fmt.Errorf("status %d", response.StatusCode())
			}
			if err != nil {
				return 0, 0, err
			}
			n, total = visitLeanGroups(response.JSON200, check)
			return n, total, nil
		}), nil
	}
	return inPages(func(ctx context.Context, offset int, check *checker) (n, total int, err error) {
		number := offset/task.Size + 1
		response, err := client.ListOrdersWithResponse(ctx, &oapi.ListOrdersParams{Limit: &task.Size, Page: &number})
		if err == nil && response.JSON200 == nil {
			err = fmt.Errorf("status %d", response.StatusCode())
		}
		if err != nil {
			return 0, 0, err
		}
		n, total = visitLeanOrders(response.JSON200, check)
		return n, total, nil
	}), nil
}
